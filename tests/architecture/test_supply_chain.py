"""What the platform and its projects are made of is known, licensed, looked after and listed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from supply import licences
from supply.audit import CouldNotLookError, Known, ask, judge, main, read_borne
from supply.locked import ALL, APP, ROOT, lock_files, uses, with_installer
from supply.sbom import platform_bill
from workers.stages.sbom import bill_of_materials, read_lock

LEAKY = {
    "id": "GHSA-wj6h-64fc-37mp",
    "aliases": ["CVE-2024-23342"],
    "summary": "It leaks.",
    "affected": [],
}


class Advisories(ThreadingHTTPServer):
    """An OSV service that knows what it was told, by package."""

    def __init__(self, known: dict[str, list[dict[str, Any]]]) -> None:
        self.known = known
        self.asked: list[str] = []
        self.page = b""  # what it says instead to whoever asks
        super().__init__(("127.0.0.1", 0), Answers)

    @property
    def options(self) -> tuple[str, ...]:
        return ("--vulnerability-service=osv", f"--osv-url=http://127.0.0.1:{self.server_port}/")


class Answers(BaseHTTPRequestHandler):
    server: Advisories
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body at once: each would wait for the other

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = asked["package"]["name"]
        self.server.asked.append(name)
        found = self.server.known.get(name)
        body = self.server.page or json.dumps({"vulns": found} if found else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def advisories() -> Iterator[Advisories]:
    with Advisories({"ecdsa": [LEAKY]}) as service:
        thread = threading.Thread(target=service.serve_forever)
        thread.start()
        yield service
        service.shutdown()
        thread.join()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock of two packages, one of which is ecdsa."""
    entries = re.split(r"^(?=[a-z])", ALL.read_text(encoding="utf-8"), flags=re.MULTILINE)
    path = tmp_path / "two.lock"
    path.write_text("".join(each for each in entries if each.startswith(("click==", "ecdsa=="))))
    return path


def test_a_known_vulnerability_is_found_and_has_to_be_acted_on(advisories, lock) -> None:
    found, unknown = ask([lock], options=advisories.options)
    assert not unknown
    assert set(advisories.asked) == {"click", "ecdsa"}
    (line,) = judge(found, (), date(2026, 11, 26))
    assert re.fullmatch(r"ecdsa \S+: CVE-2024-23342, GHSA-wj6h-64fc-37mp; not fixed", line)


def test_the_whole_command_asks_for_every_lock_and_bears_what_is_written_down(
    advisories, capsys
) -> None:
    url = advisories.options[1].removeprefix("--osv-url=")
    with pytest.raises(SystemExit) as ended:
        main(["--osv-url", url], standalone_mode=False)
    assert ended.value.code == 0, capsys.readouterr().err
    wanted = {pin.name for path in lock_files() for pin in read_lock(path.read_text("utf-8"))}
    elsewhere = {"async-timeout", "colorama", "httpx2-jsfetch", "tzdata"}  # other systems, Pythons
    assert wanted - elsewhere <= set(advisories.asked)


def test_without_a_network_it_says_that_it_could_not_look_and_the_check_goes_on() -> None:
    command = [sys.executable, "-m", "supply.audit", "--osv-url", "http://127.0.0.1:1/"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0
    assert "COULD NOT LOOK for known vulnerabilities, nothing was checked" in ended.stderr


def test_a_page_for_people_is_nobody_who_knows(advisories, lock) -> None:
    """What a proxy, or a place to sign in, answers with 200 to everything."""
    advisories.page = b"<html>Sign in</html>"
    with pytest.raises(CouldNotLookError, match="JSONDecodeError"):
        ask([lock], options=advisories.options)


def test_an_index_without_advisories_is_no_clean_bill(lock, monkeypatch, tmp_path) -> None:
    """PyPI's place taken by one that knows no package: pip-audit itself finds no fault then."""
    told = {"dependencies": [{"name": "click", "skip_reason": "not found"}], "fixes": []}
    (tmp_path / "pip_audit.py").write_text(f"print({json.dumps(told)!r})")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(CouldNotLookError, match="does not know even click"):
        ask([lock])


def test_a_broken_audit_is_no_clean_bill(tmp_path) -> None:
    broken = tmp_path / "broken.lock"
    broken.write_text("click\n")
    with pytest.raises(RuntimeError):
        ask([broken])


KNOWN = Known("ecdsa", "0.19.2", frozenset({"GHSA-1", "CVE-1"}), ("1.0",))


@pytest.mark.parametrize(
    ("entries", "wrong"),
    [
        ([], 1),
        ([{"id": "CVE-1", "reason": "not used", "until": date(2026, 11, 26)}], 0),
        ([{"id": "CVE-1", "reason": "not used", "until": date(2026, 11, 25)}], 1),
        ([{"id": "CVE-2", "reason": "not used", "until": date(2030, 1, 1)}], 1),
    ],
)
def test_an_exception_holds_for_its_vulnerability_until_its_day(entries, wrong) -> None:
    assert len(list(judge([KNOWN], read_borne(entries), date(2026, 11, 26)))) == wrong


@pytest.mark.parametrize(
    "entry",
    [
        {"id": "CVE-1", "until": date(2030, 1, 1)},
        {"id": "CVE-1", "until": date(2030, 1, 1), "reason": "  "},
        {"id": "CVE-1", "reason": "not used"},
        {"id": "CVE-1", "reason": "not used", "until": "some day"},
    ],
)
def test_an_exception_without_a_reason_or_a_day_is_refused(entry) -> None:
    with pytest.raises(ValueError, match="CVE-1"):
        list(read_borne([entry]))


def test_every_exception_is_of_something_that_is_pinned() -> None:
    written = tomllib.loads(licences.EXCEPTIONS.read_text(encoding="utf-8"))
    pinned = {use.pin.name for use in uses()}
    assert len(list(read_borne(written["vulnerability"]))) == len(written["vulnerability"])
    assert {each["package"] for each in written["vulnerability"]} <= pinned
    assert set(written["licences"]) <= pinned
    assert set(written.get("refused", {})) <= pinned


def test_every_licence_is_known_and_permitted_and_the_page_is_current(capsys) -> None:
    assert licences.main(["--check"]) == 0, capsys.readouterr().err


@pytest.mark.parametrize(
    ("expression", "permitted"),
    [
        ("MIT", True),
        ("Apache-2.0 AND CNRI-Python", True),
        ("GPL-3.0-only OR MIT", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("AGPL-3.0-only", False),
        ("GPL-2.0-or-later", False),
        ("MIT AND GPL-3.0-only", False),
        ("SSPL-1.0", False),
        ("LicenseRef-unknown", False),
        ("Proprietary", False),
        ("", False),
        ("MIT AND", False),
    ],
)
def test_strong_copyleft_and_the_unknown_are_refused(expression: str, permitted: bool) -> None:
    assert licences.is_permitted(expression) is permitted


def test_a_refused_licence_needs_a_reason_and_nothing_is_left_over() -> None:
    (use,) = [each for each in uses() if each.pin.name == "click"]
    text = use.pin.text
    assert list(licences.faults([use], {text: "BSD-3-Clause"}, {})) == []
    (fault,) = licences.faults([use], {text: "AGPL-3.0-only"}, {})
    assert "AGPL-3.0-only is not permitted" in fault
    assert not list(licences.faults([use], {text: "AGPL-3.0-only"}, {"click": {"reason": "x"}}))
    assert "run `make lock`" in next(licences.faults([use], {}, {}))
    (stale,) = licences.faults([use], {text: "MIT", "gone==1": "MIT"}, {})
    assert stale.startswith("gone==1")


@pytest.mark.parametrize(
    ("members", "licence"),
    [
        ({"License-Expression": "BSD-3-Clause", "License": "MIT"}, "BSD-3-Clause"),
        ({"License": "MIT License\n\nCopyright"}, "MIT"),
        ({"Classifier": "License :: OSI Approved :: MIT License"}, "MIT"),
        ({"Classifier": "License :: OSI Approved :: BSD License"}, "LicenseRef-unknown"),
        ({"License": "see the file"}, "LicenseRef-unknown"),
        ({}, "LicenseRef-unknown"),
    ],
)
def test_licences_are_read_from_metadata(members, licence) -> None:
    metadata = Message()
    for name, value in members.items():
        metadata[name] = value
    assert licences.licence_of(metadata) == licence


GOLDEN = ROOT / "tests" / "golden" / "blog"


def _generated() -> str:
    return (GOLDEN / "sbom.cdx.json").read_text(encoding="utf-8")


def _lock_of(project: Path) -> Callable[[Path], str]:
    return lambda lock: (project / lock.name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("made", "lock"),
    [(platform_bill, with_installer), (_generated, _lock_of(GOLDEN))],
    ids=["platform", "project"],
)
def test_a_bill_of_materials_is_valid_and_lists_exactly_its_lock(made, lock) -> None:
    text = made()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    listed = {
        (one["name"], one["version"], tuple(each["content"] for each in one["hashes"])): one
        for one in json.loads(text)["components"]
    }
    pinned = read_lock(lock(ALL))
    assert [(pin.name, pin.version, pin.hashes) for pin in pinned] == list(listed)
    assert all(hashes for _, _, hashes in listed)
    app = {pin.name for pin in read_lock(lock(APP))}
    assert {one["name"] for one in listed.values() if one["scope"] == "required"} == app
    assert all(one["licenses"][0]["expression"] for one in listed.values())
    assert all(one["purl"].startswith("pkg:pypi/") for one in listed.values())


def test_the_same_lock_gives_the_same_bill() -> None:
    lock = APP.read_text(encoding="utf-8")
    assert platform_bill() == platform_bill()
    first, second = (bill_of_materials(name, "1", lock, lock) for name in ('a"b', "c"))
    assert json.loads(first)["metadata"]["component"]["name"] == 'a"b'
    assert first.split("components")[1] == second.split("components")[1]


def test_the_image_holds_no_more_than_it_needs() -> None:
    everything, app = (
        {pin.text for pin in read_lock(path.read_text(encoding="utf-8"))} for path in (ALL, APP)
    )
    assert app < everything
    names = {text.partition("==")[0] for text in app}
    assert not names & {"pip-audit", "import-linter", "pytest-xdist", "bandit"}
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "requirements-app.lock" in dockerfile
    assert "requirements.lock" not in dockerfile


def test_every_image_is_named_with_its_version() -> None:
    named = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    named += re.findall(r"image: (\S+)", (ROOT / "docker-compose.yml").read_text("utf-8"))
    named = [name for name in named if name != "backbone-ai"]
    assert len(named) >= 4
    assert all(re.search(r":v?\d", name) for name in named), named


def test_no_secret_gets_into_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert ignored[0] == "*"
    allowed = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert allowed == {
        "api",
        "workers",
        "common",
        "backbone",
        "pyproject.toml",
        "README.md",
        "requirements-app.lock",
        "supply/installer.lock",
    }
