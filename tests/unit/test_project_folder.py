"""A project's files get into a folder all at once, and never over what is somebody else's."""

import hashlib
import json
from pathlib import Path

import pytest

from backbone.project_folder import FolderError, check_target, tree, write_project
from common.project_files import ProjectFilesError


def with_manifest(files: dict[str, bytes]) -> dict[str, bytes]:
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    manifest = {"document": {}, "files": hashes}
    return {**files, "backbone.json": json.dumps(manifest).encode()}


SOURCES = {"app/main.py": b"app = 1\n", "README.md": b"#"}
PROJECT = with_manifest(SOURCES)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_folder_gets_exactly_the_files(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "blog"
    write_project(PROJECT, target)
    assert contents(target) == PROJECT


def test_an_earlier_project_is_replaced_and_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "blog"
    write_project(with_manifest(SOURCES | {"app/old.py": b""}), target)
    write_project(PROJECT, target)
    assert contents(target) == PROJECT
    assert [path.name for path in tmp_path.iterdir()] == ["blog"]


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("app/main.py", "app/main.py"),
        ("app/mine.py", "app/mine.py"),
        ("blog.db", "blog.db"),
        (".git/config", ".git/"),
        ("app/own/deep/mine.py", "app/own/"),
    ],
)
def test_what_was_changed_or_added_is_kept_unless_forced(
    tmp_path: Path, path: str, named: str
) -> None:
    target = tmp_path / "blog"
    write_project(PROJECT, target)
    (target / path).parent.mkdir(parents=True, exist_ok=True)
    (target / path).write_bytes(b"an evening's work")
    edited = contents(target)
    with pytest.raises(FolderError, match="use --force to lose them") as refused:
        check_target(target, force=False)
    assert f"did not write there: {named};" in str(refused.value)
    with pytest.raises(FolderError):
        write_project(PROJECT, target)
    assert contents(target) == edited
    write_project(PROJECT, target, force=True)
    assert contents(target) == PROJECT


def test_no_more_than_five_files_are_named(tmp_path: Path) -> None:
    write_project(PROJECT, tmp_path / "blog")
    for number in range(7):
        (tmp_path / "blog" / f"{number}.txt").write_text("mine")
    with pytest.raises(FolderError, match=r"0\.txt, 1\.txt, 2\.txt, 3\.txt, 4\.txt and 2 more;"):
        check_target(tmp_path / "blog", force=False)


def test_a_link_in_place_of_a_file_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "blog"
    write_project(PROJECT, target)
    (tmp_path / "elsewhere.md").write_bytes(PROJECT["README.md"])
    (target / "README.md").unlink()
    (target / "README.md").symlink_to(tmp_path / "elsewhere.md")
    (target / "data").symlink_to(tmp_path)
    with pytest.raises(FolderError, match=r"README\.md, data;"):
        write_project(PROJECT, target)


def test_caches_and_what_was_taken_away_keep_nothing_from_being_replaced(tmp_path: Path) -> None:
    target = tmp_path / "blog"
    write_project(PROJECT, target)
    for cache in ("app/__pycache__", ".pytest_cache", ".venv/bin", "blog.egg-info"):
        (target / cache).mkdir(parents=True)
        (target / cache / "made").write_bytes(b"by a tool")
    (target / "README.md").unlink()
    (target / "app" / "empty").mkdir()
    write_project(PROJECT, target)
    assert contents(target) == PROJECT


def test_what_no_manifest_tells_of_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "blog"
    write_project(PROJECT | {"backbone.json": b'{"document": {}}'}, target)
    with pytest.raises(FolderError, match=r"README\.md, app/;"):
        write_project(PROJECT, target)


def test_a_demo_replaces_an_edited_project_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "blog"
    write_project(PROJECT, target)
    (target / "README.md").write_text("mine")
    write_project(PROJECT, target, keeps_edits=False)
    assert contents(target) == PROJECT
    (target / "backbone.json").unlink()
    with pytest.raises(FolderError, match="not made by backbone"):
        write_project(PROJECT, target, keeps_edits=False)


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    write_project(PROJECT, tmp_path / "blog")
    (tmp_path / "empty").mkdir()
    write_project(PROJECT, tmp_path / "empty")
    assert contents(tmp_path / "empty") == PROJECT


@pytest.mark.parametrize("force", [False, True])
def test_a_foreign_folder_is_refused_unless_forced(tmp_path: Path, force: bool) -> None:
    target = tmp_path / "mine"
    target.mkdir()
    (target / "thesis.txt").write_text("years of work")
    if force:
        write_project(PROJECT, target, force=True)
        assert contents(target) == PROJECT
        return
    with pytest.raises(FolderError, match="not empty and was not made by backbone"):
        write_project(PROJECT, target)
    assert contents(target) == {"thesis.txt": b"years of work"}


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "blog"
    target.write_text("a file")
    with pytest.raises(FolderError, match="not a folder"):
        write_project(PROJECT, target)
    assert target.read_text() == "a file"


@pytest.mark.parametrize("name", ["../outside.py", "/etc/passwd", "app/../../outside.py"])
def test_a_path_that_leads_outside_is_refused_and_nothing_is_written(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(ProjectFilesError, match="outside"):
        write_project(PROJECT | {name: b""}, tmp_path / "in" / "blog")
    assert list(tmp_path.iterdir()) == []


def test_the_tree_is_drawn_folders_first() -> None:
    assert tree(["b.txt", "app/x.py", "app/api/y.py", "a.txt"]) == [
        "├── app/",
        "│   ├── api/",
        "│   │   └── y.py",
        "│   └── x.py",
        "├── a.txt",
        "└── b.txt",
    ]
