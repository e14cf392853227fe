"""Every combination of options gives a project that passes its own tests."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

WORDS_OF_ASYNC = re.compile(r"\basync\b|\bawait\b|Async|aiosqlite|asyncpg|aiomysql|aioodbc")
LIFESPAN = {
    "async def lifespan",
    "from collections.abc import AsyncIterator",
    "AsyncIterator[None]",
}
"""FastAPI wants these of every application."""


@pytest.mark.parametrize("db_type", ["mssql", "mysql", "postgresql", "sqlite"])
def test_a_synchronous_project_awaits_nothing(db_type: str, project: Callable[..., Path]) -> None:
    folder = project("everything", db_type, database_api="sync")
    for path in [*folder.glob("app/**/*.py"), folder / "alembic/env.py", folder / "README.md"]:
        text = path.read_text(encoding="utf-8")
        if path.name == "main.py":
            for said in LIFESPAN:
                text = text.replace(said, "")
        assert WORDS_OF_ASYNC.findall(text) == [], path


@pytest.mark.parametrize("name", ["blog", pytest.param("everything", marks=pytest.mark.long)])
def test_a_synchronous_project_passes_its_own_tests(
    name: str, project: Callable[..., Path], run_tests: Callable[..., object]
) -> None:
    ran = run_tests(project(name, database_api="sync"))
    assert ran.returncode == 0, ran.stdout[-5000:]
