"""One migrated database for all tests; whatever a test writes is rolled back at its end.

It is a SQLite file, or the empty database that `TEST_DATABASE_URL` names.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from fastapi import Request
from httpx import ASGITransport, AsyncClient
from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from app.core.database import get_session, make_engine
from app.main import app

ROOT = Path(__file__).resolve().parents[1]


def migrations(url: str) -> Config:
    """Configure Alembic for a database."""
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Migrate the database up, and a given one down again when all tests are over."""
    given = os.environ.get("TEST_DATABASE_URL")
    url = given or f"sqlite:///{tmp_path_factory.mktemp('database') / 'test.sqlite3'}"
    if given:
        insist_on_an_empty_database(url)
    command.upgrade(migrations(url), "head")
    yield url
    if given:
        command.downgrade(migrations(url), "base")


def insist_on_an_empty_database(url: str) -> None:
    """End the tests before they touch a database in use: at their end they drop its tables."""
    found = asyncio.run(in_use(url))
    if found:
        pytest.exit(
            f"The tests need an empty database, for they drop its tables in the end; the one that"
            f" TEST_DATABASE_URL names holds {', '.join(sorted(found))}.",
            returncode=pytest.ExitCode.USAGE_ERROR,
        )


async def in_use(url: str) -> set[str]:
    """Name the tables of a database, but for what a migration down to nothing leaves."""
    made = make_engine(url)
    try:
        async with made.connect() as connection:
            return await connection.run_sync(tables_in_use)
    finally:
        await made.dispose()


def tables_in_use(connection: Connection) -> set[str]:
    """Leave out an `alembic_version` without a version."""
    names = set(inspect(connection).get_table_names())
    left_over = {"alembic_version"} & names
    if left_over and connection.execute(text("SELECT * FROM alembic_version")).first() is None:
        names -= left_over
    return names


@pytest.fixture(scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """Make one engine for all tests, so that it compiles each statement once."""
    made = make_engine(database_url)
    yield made
    await made.dispose()


@pytest.fixture
async def connection(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open the transaction that all of a test happens in; it is rolled back as this is closed."""
    async with engine.connect() as opened:
        await opened.begin()
        if opened.dialect.name == "sqlite":
            # Its driver begins when something is written, which would be inside of a savepoint
            await opened.exec_driver_sql("BEGIN")
        yield opened


@pytest.fixture
async def session(connection: AsyncConnection) -> AsyncIterator[AsyncSession]:
    """Write and read rows without the API."""
    async with AsyncSession(
        connection, expire_on_commit=False, join_transaction_mode="rollback_only"
    ) as opened:
        yield opened


@pytest.fixture
def client(connection: AsyncConnection) -> Iterator[AsyncClient]:
    """Speak to the application; what it commits ends with the test all the same."""
    with speak(connection) as speaking:
        yield speaking


@contextmanager
def speak(bind: AsyncConnection | AsyncEngine) -> Iterator[AsyncClient]:
    """Put a database behind the application."""

    async def get_session_of_test(request: Request) -> AsyncIterator[AsyncSession]:
        # What only reads leaves nothing behind that a savepoint would undo
        async with AsyncSession(
            bind,
            expire_on_commit=False,
            join_transaction_mode="rollback_only"
            if request.method == "GET"
            else "create_savepoint",
        ) as opened:
            yield opened

    app.dependency_overrides[get_session] = get_session_of_test
    yield AsyncClient(transport=ASGITransport(app), base_url="http://test")
    app.dependency_overrides.clear()


@pytest.fixture
def statements(engine: AsyncEngine) -> Iterator[list[str]]:
    """Listen to what the database is asked."""
    heard: list[str] = []

    def note(*said: object) -> None:
        heard.append(str(said[2]))

    listened = engine.sync_engine
    event.listen(listened, "before_cursor_execute", note)
    yield heard
    event.remove(listened, "before_cursor_execute", note)
