"""Nothing that a document says is ever executed: what would leave a mark, leaves none."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from common.document.limits import DocumentLimits
from common.document.read import read_document
from tests.security.payloads import MARK, PAYLOADS
from workers.plan.make import make_plan
from workers.stages.render import render

SHORT = [payload for payload in PAYLOADS if len(payload.encode()) <= 63]
CODE = {"__import__", "system", "cycler", "lipsum", "__globals__", "__subclasses__", MARK}


TABLES = [PAYLOADS[start::4] for start in range(4)]


def document() -> dict[str, Any]:
    """Every payload at every place of a document that takes any text."""
    tables = [table(number, payloads) for number, payloads in enumerate(TABLES)]
    return {
        "project_name": "marked",
        "db_type": "sqlite",
        "description": "\n".join(PAYLOADS)[:1000],
        "schema": tables,
    }


def table(number: int, payloads: list[str]) -> dict[str, Any]:
    values = [*SHORT[number:], *SHORT[:number]]
    columns: list[dict[str, Any]] = [
        {"name": "id", "type": "Integer", "primary_key": True, "autoincrement": True},
        {"name": "json", "type": "JSON", "default": {each: [each] for each in payloads}},
        {"name": "kind", "type": "Enum", "values": values, "default": values[0]},
    ]
    entries = []
    for place, payload in enumerate(payloads):
        text = {"name": f"text_{place}", "type": "String", "length": 300, "default": payload}
        link = {"name": f"up_{place}", "type": "ForeignKey", "target": f"t{number}.id"}
        columns += [text | {"description": payload}, link | {"description": payload}]
        entries.append(
            {
                "target_table": f"t{number}",
                "target_class": f"T{number}",
                "type": "many_to_one",
                "foreign_key": f"up_{place}",
                "description": payload,
            }
        )
    return {
        "table_name": f"t{number}",
        "class_name": f"T{number}",
        "description": "\n".join(payloads),
        "columns": columns,
        "checks": [f"text_0 <> '{quoted(payload)}'" for payload in payloads[1:]],
        "relationships": entries,
    }


def quoted(payload: str) -> str:
    return payload.replace("'", "''").replace("\n", " ").replace("\r", " ")


@pytest.fixture(scope="module")
def files() -> Mapping[str, str]:
    reading = read_document(document(), DocumentLimits())
    assert reading.resolved is not None, reading.faults
    return render(make_plan(reading.resolved))


@pytest.fixture
def folder(files: Mapping[str, str], tmp_path: Path) -> Path:
    for path, text in files.items():
        place = tmp_path / "project" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return tmp_path / "project"


def names_in(source: str) -> Iterator[str]:
    """Everything in a module that could do something."""
    for node in ast.walk(ast.parse(source)):
        for member in ("id", "attr", "name", "arg", "module"):
            if isinstance(said := getattr(node, member, None), str):
                yield said


def test_payloads_are_only_ever_text(files: Mapping[str, str]) -> None:
    text_only = (".py", ".md", "pyproject.toml")
    for path, text in files.items():
        if path.endswith(".py"):
            assert CODE.isdisjoint(names_in(text)), path
        elif not path.endswith(text_only):
            assert MARK not in text, path
    said = tomllib.loads(files["pyproject.toml"])
    said["project"].pop("description")
    assert MARK not in json.dumps(said)
    assert sum(MARK in text for text in files.values()) > len(TABLES)


@pytest.mark.long
def test_running_the_project_leaves_no_mark(
    folder: Path, run_tests: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    ran = run_tests(folder)
    assert ran.returncode == 0, ran.stdout[-3000:]
    for command in (
        ["-m", "alembic", "upgrade", "head"],
        ["-m", "alembic", "upgrade", "head", "--sql"],
        ["-c", "import app.main; app.main.app.openapi()"],
    ):
        subprocess.run([sys.executable, *command], cwd=folder, check=True, capture_output=True)
    assert not list(folder.parent.rglob(f"*{MARK}*"))
    assert not Path(MARK).exists()
