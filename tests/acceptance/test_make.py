"""The Makefile: says what there is, and needs nothing but Python and an index."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TARGETS = {
    "demo",
    "demo-llm",
    "up",
    "test",
    "test-all",
    "test-llm",
    "check",
    "lint",
    "lock",
    "bench",
    "golden",
    "clean",
}


def make(folder: Path, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """`make` in an environment that holds nothing of ours."""
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env={"HOME": str(home), "PATH": _path_without_our_environment()},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def _path_without_our_environment() -> str:
    ours = os.environ.get("VIRTUAL_ENV", "no virtual environment")
    places = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(place for place in places if not place.startswith(ours))


def test_make_alone_says_what_there_is(root: Path, tmp_path: Path) -> None:
    said = make(root, home=tmp_path)
    assert said.returncode == 0
    told = dict(re.findall(r"^make ([a-z-]+) +(\S.*)$", said.stdout, flags=re.MULTILINE))
    assert set(told) >= TARGETS


def test_no_file_names_a_package_index(root: Path) -> None:
    for name in ("Makefile", "Dockerfile", ".ci/run", "pyproject.toml", "requirements.lock"):
        text = (root / name).read_text(encoding="utf-8")
        assert not re.search(r"https?://(?!127\.0\.0\.1|localhost)", text), name
        assert "--index-url" not in text.replace("--no-emit-index-url", ""), name


def test_the_lock_satisfies_what_the_project_asks_for(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    locked = {
        canonicalize_name(name): version
        for name, version in re.findall(r"^([\w.-]+)(?:\[[^\]]+\])?==(\S+)", lock, re.MULTILINE)
    }
    for text in [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]:
        wanted = Requirement(text)
        assert locked[canonicalize_name(wanted.name)] in wanted.specifier, text


@pytest.mark.long
def test_a_fresh_clone_in_an_empty_environment_comes_to_a_demo(root: Path, tmp_path: Path) -> None:
    clone, home = tmp_path / "clone", tmp_path / "home"
    home.mkdir()
    subprocess.run(["git", "clone", "--quiet", root, clone], check=True)
    shown = make(clone, "demo", home=home)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert (clone / "out" / "blog" / "app" / "main.py").exists()
    again = make(clone, "install", home=home)
    assert again.returncode == 0
    assert again.stdout == ""
    # What is searched for secrets afterwards is what the demo left, not what others wrote.
    for written in (home, clone / ".venv", clone / ".git", clone / "tests"):
        shutil.rmtree(written)
