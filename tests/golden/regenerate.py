"""Write the golden trees anew: what each document comes out as, file by file.

    python -m tests.golden.regenerate            writes tests/golden/<example or case>/
    python -m tests.golden.regenerate --locks    writes workers/templates/locks/<db_type>.txt

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
from pathlib import Path
from typing import Any

from common.document.limits import DocumentLimits
from common.document.read import read_document
from workers.plan import make_plan
from workers.stages.render import TEMPLATES, render

GOLDEN = Path(__file__).resolve().parent
_CACHES = {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
"""What tools leave behind that were run inside of a tree."""
EXAMPLES = GOLDEN.parents[1] / "examples"
CASES = GOLDEN / "documents"
MADE_OF_TABLES = ("app/models/", "app/schemas/", "app/api/", "alembic/versions/")
"""Where the files are that make a case."""
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
    same = rendered(document | {"schema": blog["schema"]})
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
    return render(make_plan(reading.resolved))


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
    """Ask the package index for what each kind of project requires, and pin it by hash."""
    blog = json.loads((EXAMPLES / "blog.json").read_bytes())
    for db_type in ("mssql", "mysql", "postgresql", "sqlite"):
        with tempfile.TemporaryDirectory() as folder:
            project = Path(folder) / "pyproject.toml"
            project.write_text(rendered({**blog, "db_type": db_type})["pyproject.toml"])
            command = [
                str(Path(sys.executable).with_name("uv")),
                "pip",
                "compile",
                "--universal",
                "--python-version",
                "3.11",
            ]
            command += ["--generate-hashes", "--no-header", "--no-annotate", "--system-certs"]
            command += ["--no-emit-index-url", "--quiet", "--upgrade", "--group", "dev"]
            command += ["--output-file", str(TEMPLATES / "locks" / f"{db_type}.txt")]
            subprocess.run([*command, "pyproject.toml"], cwd=folder, check=True)


if __name__ == "__main__":
    if "--locks" in sys.argv[1:]:
        regenerate_locks()
    else:
        regenerate()
