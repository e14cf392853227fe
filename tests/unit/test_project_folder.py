"""A project's files get into a folder all at once, and never over what is somebody else's."""

from pathlib import Path

import pytest

from backbone.project_folder import FolderError, tree, write_project

PROJECT = {"backbone.json": b'{"document": {}}', "app/main.py": b"app = 1\n", "README.md": b"#"}


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
    write_project(PROJECT | {"app/old.py": b""}, target)
    write_project(PROJECT, target)
    assert contents(target) == PROJECT
    assert [path.name for path in tmp_path.iterdir()] == ["blog"]


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
    with pytest.raises(FolderError, match="outside"):
        write_project(PROJECT | {name: b""}, tmp_path / "in" / "blog")
    assert list((tmp_path / "in").iterdir()) == []


def test_the_tree_is_drawn_folders_first() -> None:
    assert tree(["b.txt", "app/x.py", "app/api/y.py", "a.txt"]) == [
        "├── app/",
        "│   ├── api/",
        "│   │   └── y.py",
        "│   └── x.py",
        "├── a.txt",
        "└── b.txt",
    ]
