"""Write the golden trees anew: what each document comes out as, file by file.

    python -m tests.golden.regenerate            writes tests/golden/<example or case>/
    python -m tests.golden.regenerate --locks    writes workers/templates/locks/<part>.txt

A golden tree is committed; `tests/generated/test_golden.py` compares. So a change of a template
shows in review as what it does to projects. The examples have whole trees. The cases in
`documents/`, each for one thing, have the files that are made of tables and relationships, and of
the others those that are not as the blog's would be.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from common.document.limits import DocumentLimits
from common.document.read import read_document
from workers.plan import make_plan
from workers.plan.requirements import PARTS, Requirement, requirements_of
from workers.stages.implement import own_bodies
from workers.stages.locks import LOCKS
from workers.stages.render import render

GOLDEN = Path(__file__).resolve().parent
_CACHES = {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
"""What tools leave behind that were run inside of a tree."""
ROOT = GOLDEN.parents[1]
EXAMPLES = ROOT / "examples"
CASES = GOLDEN / "documents"
MADE_OF_TABLES = ("app/models/", "app/schemas/", "app/api/", "app/auth/", "alembic/versions/")
MADE_OF_TABLES += ("app/operations/", "tests/operations/")
"""Where the files are that make a case; no example has users or operations."""
ABOUT_TABLES = ("tests/", "README.md")
"""What differs with every table, and says nothing that the files above do not."""


def examples() -> list[Path]:
    """The documents that have a whole golden tree."""
    return sorted(EXAMPLES.glob("*.json"))


def cases() -> list[Path]:
    """The documents that have a tree of what is made of their tables."""
    return sorted(CASES.glob("*.json"))


def shown(path: Path) -> dict[str, str]:
    """What the tree of a document consists of: text by path."""
    document = json.loads(path.read_bytes())
    files = rendered(document)
    if path.parent != CASES:
        return files
    blog = json.loads((EXAMPLES / "blog.json").read_bytes())
    same = rendered(document | {"schema": blog["schema"], "operations": []})
    return {
        name: text
        for name, text in files.items()
        if name.startswith(MADE_OF_TABLES)
        or (text != same.get(name) and not name.startswith(ABOUT_TABLES))
    }


def rendered(document: dict[str, Any]) -> dict[str, str]:
    """The project of a document without faults: text by path."""
    reading = read_document(document, DocumentLimits())
    if reading.resolved is None:
        message = "; ".join(f"{fault.pointer}: {fault.message}" for fault in reading.faults)
        raise ValueError(message)
    plan = make_plan(reading.resolved)
    return render(plan, own_bodies(plan))


def trees() -> list[Path]:
    """The folders of all golden trees."""
    apart = {CASES.name, "__pycache__"}
    return [path for path in GOLDEN.iterdir() if path.is_dir() and path.name not in apart]


def stored(name: str) -> dict[str, str]:
    """The golden tree of a document: text by path."""
    folder = GOLDEN / name
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file() and not _CACHES.intersection(path.parts)
    }


def regenerate() -> None:
    """Replace all golden trees."""
    for old in trees():
        shutil.rmtree(old)
    for path in [*examples(), *cases()]:
        files = shown(path)
        for name, text in files.items():
            place = GOLDEN / path.stem / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="\n")
        print(f"{path.stem}: {len(files)} files")  # noqa: T201  (it is a command)


def regenerate_locks() -> None:
    """Ask the package index for what each part of a project requires, and pin it by hash.

    The versions are ours, where we have the package: projects are verified with those.
    """
    for old in LOCKS.iterdir():
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        agreed = Path(folder) / "agreed.txt"
        ours = ROOT / "requirements.lock"
        agreed.write_text(_resolved(requirements_of(PARTS), "--constraints", ours))
        for part in PARTS:
            lock = _resolved(requirements_of([part]), "--generate-hashes", "--constraints", agreed)
            (LOCKS / f"{part}.txt").write_text(lock)


def _resolved(requirements: Iterable[Requirement], *options: str | Path) -> str:
    """What these requirements come to on all platforms."""
    command = [Path(sys.executable).with_name("uv"), "pip", "compile", "-"]
    command += ["--universal", "--python-version", "3.11", "--no-header", "--no-annotate"]
    command += ["--system-certs", "--no-emit-index-url", "--quiet", *options]
    wanted = "\n".join(requirement.text for requirement in requirements)
    return subprocess.run(command, input=wanted, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    if "--locks" in sys.argv[1:]:
        regenerate_locks()
    else:
        regenerate()
