"""Every combination of options gives a project that passes its own tests."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
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
        if path.name in {"bodies.py", "headers.py"}:
            continue  # ASGI, which is asynchronous
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


def test_a_project_without_its_description_passes_its_own_tests(
    project: Write, run_tests: Run
) -> None:
    folder = project("blog", auth="jwt")
    ran = run_tests(folder, "tests/test_openapi.py", "tests/test_auth.py", DOCS="false")
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


def run(folder: Path, *command: str, said: str = "") -> subprocess.CompletedProcess[str]:
    database = f"sqlite:///{folder / 'test.sqlite3'}"
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "DATABASE_URL": database},
        input=said,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_new_migration_is_as_tidy_as_the_rest(project: Write) -> None:
    folder = project("blog")
    assert run(folder, "alembic", "upgrade", "head").returncode == 0
    with (folder / "app/models/tags.py").open("a", encoding="utf-8") as model:
        model.write("    extra: orm.Mapped[str | None] = orm.mapped_column(sa.String(9))\n")
    made = run(folder, "alembic", "revision", "--autogenerate", "-m", "extra")
    assert made.returncode == 0, made.stderr
    [path] = folder.glob("alembic/versions/*_extra.py")
    assert "add_column" in path.read_text(encoding="utf-8")
    for command in (["check"], ["format", "--check"]):
        linted = run(folder, "ruff", *command, "alembic")
        assert linted.returncode == 0, linted.stdout
    assert run(folder, "alembic", "upgrade", "head").returncode == 0
    assert run(folder, "alembic", "check").returncode == 0


@pytest.mark.parametrize("api", ["sync", pytest.param("async", marks=pytest.mark.long)])
def test_users_are_made_and_changed_by_hand(project: Write, api: str) -> None:
    folder = project("blog", database_api=api, auth="jwt")
    assert run(folder, "alembic", "upgrade", "head").returncode == 0

    def answer(*arguments: str, said: str = "") -> str:
        done = run(folder, "app.auth.create_user", *arguments, said=said)
        return done.stderr.splitlines()[-1].split(": ")[-1]

    def kept() -> tuple[str, int]:
        with contextlib.closing(sqlite3.connect(folder / "test.sqlite3")) as connection:
            [row] = connection.execute("SELECT password_hash, is_active FROM auth_users")
        return tuple(row)

    assert answer("Alice", said="correct horse battery\n") == "Made the user alice."
    first, _ = kept()
    assert answer("alice", said="correct horse battery\n") == "there is a user alice already"
    assert answer("alice", "--set-password", said="another horse battery\n") == (
        "Changed the user alice."
    )
    assert kept()[0] != first
    assert kept()[1] == 1
    assert answer("bob", "--deactivate") == "there is no user bob"
    assert answer("ALICE", "--deactivate") == "Changed the user alice."
    assert kept()[1] == 0
    assert answer("alice", "--activate") == "Changed the user alice."
    assert kept()[1] == 1
