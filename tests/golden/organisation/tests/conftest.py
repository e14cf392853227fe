"""One migrated database for all tests; whatever a test writes is rolled back at its end.

It is a SQLite file, or the empty database that `TEST_DATABASE_URL` names.
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from httpx import ASGITransport, AsyncClient
from sqlalchemy import event
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
    """Migrate the database up, and down again when all tests are over."""
    path = tmp_path_factory.mktemp("database") / "test.sqlite3"
    url = os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{path}"
    command.upgrade(migrations(url), "head")
    yield url
    command.downgrade(migrations(url), "base")


@pytest.fixture(scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """Make one engine for all tests, so that it compiles each statement once."""
    made = make_engine(database_url)
    yield made
    await made.dispose()


@pytest.fixture
async def connection(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open the transaction that all of a test happens in."""
    async with engine.connect() as opened:
        transaction = await opened.begin()
        if opened.dialect.name == "sqlite":
            # Its driver begins when something is written, which would be inside of a savepoint
            await opened.exec_driver_sql("BEGIN")
        yield opened
        await transaction.rollback()


@pytest.fixture
async def session(connection: AsyncConnection) -> AsyncIterator[AsyncSession]:
    """Write and read rows without the API."""
    async with open_session(connection) as opened:
        yield opened


@pytest.fixture
async def client(connection: AsyncConnection) -> AsyncIterator[AsyncClient]:
    """Speak to the application; what it commits ends with the test all the same."""
    async with speak(connection) as speaking:
        yield speaking


@asynccontextmanager
async def speak(bind: AsyncConnection) -> AsyncIterator[AsyncClient]:
    """Put a database behind the application."""

    async def get_session_of_test() -> AsyncIterator[AsyncSession]:
        async with open_session(bind) as opened:
            yield opened

    app.dependency_overrides[get_session] = get_session_of_test
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as speaking:
        yield speaking
    app.dependency_overrides.clear()


def open_session(bind: AsyncConnection) -> AsyncSession:
    """Open a session; within a transaction it commits to a savepoint."""
    return AsyncSession(bind, expire_on_commit=False, join_transaction_mode="create_savepoint")


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
