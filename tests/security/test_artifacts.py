"""No artifact holds, and no zip makes, a file that is not inside the project's folder."""

from __future__ import annotations

import io
import json
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from backbone.main import cli
from backbone.project_folder import write_zip
from backbone.project_zip import files_of
from common import project_files
from common.artifacts import ArtifactStore
from common.document.limits import DocumentLimits
from common.document.read import read_document
from common.errors import BackboneError, GenerationError
from common.jobs.codes import ErrorCode
from common.project_files import ProjectFilesError, check_paths, check_sizes
from workers.plan.make import make_plan
from workers.stages.package import package
from workers.stages.render import render

Entry = tuple[str, bytes, int]
"""Name, content, mode"""
FILE = stat.S_IFREG | 0o644
GOOD: list[Entry] = [("README.md", b"#", FILE), ("app/main.py", b"app = 1\n", FILE)]

HOSTILE_PATHS = [
    "../outside.txt",
    "app/../../outside.txt",
    "/outside.txt",
    "//server/share",
    "",
    ".",
    "app/",
    "app//main.py",
    "./app/x.py",
    "..\\outside.txt",
    "app\\..\\..\\outside.txt",
    "C:\\outside.txt",
    "C:outside.txt",
    "c:/outside.txt",
    "file.txt:stream",
    "app/nul",
    "CON",
    "con.py",
    "Com1.txt",
    "LPT9",
    "com\u00b9.txt",
    "aux .py",
    "app/trailing.",
    "app/trailing ",
    " leading",
    "app./x.py",
    "a\x00b",
    "a\nb",
    "a\x1b[2Jb",
    'a"b',
    "a?b",
    "a|b",
    "\ud800",
    "x" * 300,
    "/".join(["deep"] * 300),
]
CLASHES = [
    ("app/main.py", "app/main.py"),
    ("README.md", "readme.MD"),
    ("app", "app/main.py"),
    ("app/main.py", "APP"),
    ("stra\u00dfe.py", "STRASSE.py"),
    ("\u00e9.py", "e\u0301.py"),
    ("a/x/y", "a/x"),
]


@pytest.mark.parametrize("path", HOSTILE_PATHS, ids=ascii)
def test_no_such_path_is_ever_packed(path: str) -> None:
    with pytest.raises(ProjectFilesError):
        package({"README.md": "#", path: "x"}, {})


@pytest.mark.parametrize("paths", CLASHES, ids=ascii)
def test_no_two_files_are_one_on_another_system(paths: Sequence[str]) -> None:
    check_paths(paths[:1])
    with pytest.raises(ProjectFilesError, match="more than one"):
        check_paths(paths)
    with pytest.raises(ProjectFilesError):
        check_paths(reversed(paths))


def test_what_projects_have_is_allowed() -> None:
    check_paths([".env.example", ".github/workflows/ci.yml", "app/console.py", "app/nullable.py"])
    check_paths(["alembic/versions/0001_create_tables.py", "app/common.py", "app/com10.py"])


@pytest.mark.parametrize(
    "sizes",
    [
        dict.fromkeys(map(str, range(project_files.MOST_FILES + 1)), 1),
        {"a.py": project_files.MOST_FILE_BYTES + 1},
        dict.fromkeys("abcde", project_files.MOST_FILE_BYTES),
    ],
    ids=["count", "file", "total"],
)
def test_how_much_a_project_may_be_is_bounded(sizes: dict[str, int]) -> None:
    with pytest.raises(ProjectFilesError):
        check_sizes(sizes)


@pytest.mark.parametrize(
    "files",
    [
        dict.fromkeys(map(str, range(project_files.MOST_FILES)), "x"),  # and the manifest
        {"a.py": "x" * (project_files.MOST_FILE_BYTES + 1)},
        {"a.py": "\u00e9" * (project_files.MOST_FILE_BYTES // 2 + 1)},
        dict.fromkeys("abcd", "x" * project_files.MOST_FILE_BYTES),
    ],
    ids=["count", "file", "file of two bytes a letter", "total"],
)
def test_too_large_a_project_is_refused_before_it_is_packed(
    files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipfile, "ZipFile", None)  # nothing is packed
    with pytest.raises(GenerationError) as raised:
        package(files, {})
    assert (raised.value.code, raised.value.stage) == (ErrorCode.PROJECT_TOO_LARGE, "package")


def nested(depth: int) -> object:
    value: object = [[1] * 100] * 100
    for _ in range(depth):
        value = [value]
    return value


def test_a_small_document_that_makes_a_huge_project_is_refused() -> None:
    columns = [{"name": "id", "type": "Integer", "primary_key": True, "autoincrement": True}]
    columns += [{"name": f"j{n}", "type": "JSON", "default": nested(85)} for n in range(10)]
    table = {"table_name": "t", "class_name": "T", "columns": columns}
    document = {"project_name": "big", "db_type": "sqlite", "schema": [table]}
    assert len(json.dumps(document)) < 500_000
    reading = read_document(document, DocumentLimits())
    assert reading.resolved is not None
    with pytest.raises(GenerationError) as raised:
        render(make_plan(reading.resolved))
    assert raised.value.code is ErrorCode.PROJECT_TOO_LARGE
    assert raised.value.retryable is False


def test_a_manifest_that_grows_with_its_indentation_is_refused() -> None:
    with pytest.raises(GenerationError) as raised:
        package({"README.md": "#"}, {"document": [nested(85)] * 20})
    assert (raised.value.code, raised.value.stage) == (ErrorCode.PROJECT_TOO_LARGE, "package")


def packed(entries: Sequence[Entry], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content, mode in entries:
            entry = zipfile.ZipInfo("x")
            entry.filename = name
            entry.external_attr = mode << 16
            archive.writestr(entry, content, method)
    return buffer.getvalue()


def changed(content: bytes, was: bytes, becomes: bytes) -> bytes:
    assert was in content
    assert len(was) == len(becomes)
    return content.replace(was, becomes)


def size_told(content: bytes, size: int) -> bytes:
    """The zip with another size in its list for each of its files."""
    parts = content.split(b"PK\x01\x02")
    return b"PK\x01\x02".join(
        [parts[0], *(part[:20] + size.to_bytes(4, "little") + part[24:] for part in parts[1:])]
    )


@cache
def bomb() -> bytes:
    return packed([(f"{n}.txt", bytes(30 * 1024 * 1024), FILE) for n in range(5)])


ZIPS: dict[str, Callable[[], bytes]] = {
    **{
        ascii(path): lambda path=path: packed([*GOOD, (path, b"x", FILE)])  # type: ignore[misc]
        for path in HOSTILE_PATHS
        if path.isascii() and "\x00" not in path and len(path) < 1000
    },
    "nul": lambda: changed(packed([*GOOD, ("good.txt", b"x", FILE)]), b"good.txt", b"ev\x00d.txt"),
    "twice": lambda: changed(
        packed([*GOOD, ("README.mx", b"y", FILE)]), b"README.mx", b"README.md"
    ),
    "case": lambda: packed([*GOOD, ("readme.md", b"y", FILE)]),
    "link": lambda: packed([*GOOD, ("link", b"/etc/passwd", stat.S_IFLNK | 0o777)]),
    "folder-link": lambda: packed([("app", b"..", stat.S_IFLNK | 0o777), *GOOD[1:]]),
    "device": lambda: packed([*GOOD, ("zero", b"", stat.S_IFCHR | 0o666)]),
    "pipe": lambda: packed([*GOOD, ("pipe", b"", stat.S_IFIFO | 0o666)]),
    "bomb": bomb,
    "bomb-that-lies": lambda: size_told(bomb(), 10),
    "size-that-lies": lambda: size_told(packed(GOOD), 1_000_000),
    "million": lambda: packed([("a", b"", FILE)]) + b"PK\x01\x02" * 1_000_000,
    "many": lambda: packed([(f"{n}.txt", b"", FILE) for n in range(5_001)]),
    "method": lambda: packed(GOOD, zipfile.ZIP_LZMA),
    "locked": lambda: locked(packed(GOOD)),
    "cut": lambda: packed(GOOD)[:-40],
    "no-zip": lambda: b"<html>",
    "empty": lambda: b"",
}


HOSTILE = ["'../outside.txt'", "folder-link", "bomb-that-lies", "nul", "cut"]


def locked(content: bytes) -> bytes:
    """The zip with each entry said to need a password."""
    parts = content.split(b"PK\x01\x02")
    return b"PK\x01\x02".join([parts[0], *(part[:4] + b"\x01" + part[5:] for part in parts[1:])])


class Server:
    """Answers a job, a batch and their artifacts, as it is told."""

    def __init__(self) -> None:
        self.project_name = "shop"
        self.artifact = b""
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                is_zip = self.path.endswith("/artifact")
                job = {"id": "job_1", "project_name": told.project_name, "artifact": None}
                body = told.artifact if is_zip else json.dumps(job).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.http.shutdown()
    thread.join()
    made.http.server_close()


@pytest.fixture
def command(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    monkeypatch.setenv("BACKBONE_URL", f"http://127.0.0.1:{server.http.server_port}")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments)

    return run


def everything(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("name", ZIPS)
def test_a_hostile_zip_is_refused_before_anything_is_made_of_it(name: str) -> None:
    with pytest.raises(ProjectFilesError) as raised:
        files_of(ZIPS[name]())
    assert 0 < len(str(raised.value)) < 400
    assert str(raised.value).isprintable()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_zip_of_a_job_writes_nothing_at_all(
    name: str, server: Server, command: Callable[..., Result], tmp_path: Path
) -> None:
    server.artifact = ZIPS[name]()
    done = command("jobs", "download", "job_1", "-o", "out")
    assert isinstance(done.exception, BackboneError), done.exception
    assert everything(tmp_path) == ["inner"]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("outer", [True, False], ids=["outer", "inner"])
def test_a_hostile_zip_of_a_batch_writes_nothing_outside(
    name: str, outer: bool, server: Server, command: Callable[..., Result], tmp_path: Path
) -> None:
    inner = [("shop.zip", ZIPS[name](), FILE), ("results.jsonl", b"{}\n", FILE)]
    server.artifact = ZIPS[name]() if outer else packed(inner, zipfile.ZIP_STORED)
    done = command("batches", "download", "batch_1", "-o", "out")
    assert isinstance(done.exception, BackboneError), done.exception
    assert everything(tmp_path) == ["inner"]


def test_projects_of_a_batch_that_are_one_on_another_system_are_refused(
    server: Server, command: Callable[..., Result], tmp_path: Path
) -> None:
    project = packed(GOOD)
    names = ["results.jsonl", "shop.zip", "Shop.zip"]
    server.artifact = packed([(name, project, FILE) for name in names])
    done = command("batches", "download", "batch_1", "-o", "out")
    assert isinstance(done.exception, ProjectFilesError)
    assert everything(tmp_path) == ["inner"]


def test_good_zips_are_unpacked(
    server: Server, command: Callable[..., Result], tmp_path: Path
) -> None:
    server.artifact = packed(GOOD)
    assert command("jobs", "download", "job_1", "-o", "out").exit_code == 0
    assert (tmp_path / "inner/out/app/main.py").read_bytes() == b"app = 1\n"
    entries = [("shop.zip", packed(GOOD), FILE), ("results.jsonl", b"{}\n", FILE)]
    server.artifact = packed(entries)
    assert command("batches", "download", "batch_1", "-o", "all").exit_code == 0
    assert (tmp_path / "inner/all/shop/app/main.py").read_bytes() == b"app = 1\n"


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "..", "a/b", "a\x00b", "CON ", ""])
def test_a_server_can_not_say_where_a_zip_is_written(
    name: str, server: Server, command: Callable[..., Result], tmp_path: Path
) -> None:
    server.project_name = name
    server.artifact = packed(GOOD)
    assert command("jobs", "download", "job_1").exit_code == 0
    assert everything(tmp_path) == ["inner", "inner/job_1.zip"]


def test_an_endless_answer_is_not_kept(server: Server, command: Callable[..., Result]) -> None:
    server.artifact = bytes(project_files.MOST_BYTES + 1)
    done = command("jobs", "download", "job_1", "-o", "out")
    assert isinstance(done.exception, ProjectFilesError)


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "shop.zip.partial").symlink_to(victim)
    write_zip(b"new", tmp_path / "shop.zip")
    assert victim.read_bytes() == b"precious"
    assert (tmp_path / "shop.zip").read_bytes() == b"new"


def test_what_is_packed_is_what_is_unpacked() -> None:
    files = {"app/main.py": "app = 1\n", "README.md": "#"}
    unpacked = files_of(package(files, {}))
    unpacked.pop("backbone.json")
    assert unpacked == {path: text.encode() for path, text in files.items()}


@pytest.mark.parametrize(
    "key",
    ["../outside", "/etc/passwd", "jobs/../../outside", "jobs//x", "", "a\x00b", "jobs/..", "a\\b"],
)
def test_no_key_of_the_store_leads_out_of_it(key: str, tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"precious")
    store = ArtifactStore((tmp_path / "store").as_uri())
    for use in (
        lambda: store.put(key, b"x"),
        lambda: store.put_all({key: b"x"}),
        lambda: store.get(key),
        lambda: store.stream(key),
        lambda: store.delete(key),
    ):
        with pytest.raises(ValueError, match="no key"):
            use()
    assert everything(tmp_path) == ["outside", "store"]
