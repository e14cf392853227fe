"""Documents that say what proves something name tests that there are."""

import ast
import itertools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
TABLES = {"security.md": 30, "threat-model.md": 100, "owasp.md": 20}
"""And how many rows they have at least."""


def functions_in(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


@pytest.mark.parametrize("name", TABLES)
def test_named_tests_are_there(name: str) -> None:
    for file, test in NAMED.findall((ROOT / "docs" / name).read_text(encoding="utf-8")):
        assert (ROOT / file).is_file(), file
        assert test in functions_in(ROOT / file), f"{file}::{test}"


@pytest.mark.parametrize("name", TABLES)
def test_every_row_of_the_tables_names_one(name: str) -> None:
    lines = (ROOT / "docs" / name).read_text(encoding="utf-8").splitlines()
    rows = [
        line
        for before, line in itertools.pairwise(lines)
        if line.startswith("|") and before.startswith("|") and not line.startswith("|---")
    ]
    assert len(rows) >= TABLES[name]
    for row in rows:
        assert NAMED.search(row), row
