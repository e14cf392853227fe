"""Every combination of options gives a project that passes its own tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Write = Callable[..., Path]
Run = Callable[..., subprocess.CompletedProcess[str]]
WORDS_OF_ASYNC = re.compile(r"\basync\b|\bawait\b|Async|aiosqlite|asyncpg|aiomysql|aioodbc")
LIFESPAN = {
    "async def lifespan",
    "from collections.abc import AsyncIterator",
    "AsyncIterator[None]",
}
"""FastAPI wants these of every application."""


@pytest.mark.parametrize("db_type", ["mssql", "mysql", "postgresql", "sqlite"])
def test_a_synchronous_project_awaits_nothing(db_type: str, project: Write) -> None:
    folder = project("everything", db_type, database_api="sync")
    for path in [*folder.glob("app/**/*.py"), folder / "alembic/env.py", folder / "README.md"]:
        text = path.read_text(encoding="utf-8")
        if path.name == "main.py":
            for said in LIFESPAN:
                text = text.replace(said, "")
        assert WORDS_OF_ASYNC.findall(text) == [], path


@pytest.mark.parametrize(
    ("name", "api", "auth"),
    [
        ("blog", "sync", "none"),
        ("blog", "async", "jwt"),
        pytest.param("users", "sync", "jwt", id="users of its own"),
        pytest.param("everything", "sync", "jwt", marks=pytest.mark.long),
        pytest.param("everything", "async", "jwt", marks=pytest.mark.long),
        pytest.param("names", "sync", "jwt", marks=pytest.mark.long),
        pytest.param("names", "async", "jwt", marks=pytest.mark.long),
    ],
)
def test_a_project_with_options_passes_its_own_tests(
    name: str, api: str, auth: str, project: Write, run_tests: Run
) -> None:
    ran = run_tests(project(name, database_api=api, auth=auth), JWT_SECRET="")
    assert ran.returncode == 0, ran.stdout[-5000:]


def test_a_server_without_a_secret_does_not_start(project: Write) -> None:
    folder = project("blog", auth="jwt")
    environment = {name: value for name, value in os.environ.items() if name != "JWT_SECRET"}
    served = subprocess.run(
        [sys.executable, "-m", "uvicorn", "app.main:app", "--port", "0"],
        cwd=folder,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert served.returncode == 3, served.stderr
    assert "Set JWT_SECRET" in served.stderr
