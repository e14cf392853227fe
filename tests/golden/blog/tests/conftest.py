"""An empty database for each test: a copy of one that was migrated once."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from httpx import ASGITransport, AsyncClient
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from app.core.database import get_session, make_engine
from app.main import app

ROOT = Path(__file__).resolve().parents[1]


def migrations(path: Path) -> Config:
    """Configure Alembic for a database in a file."""
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{path}")
    return config


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate a database that nobody writes to."""
    path = tmp_path_factory.mktemp("migrated") / "migrated.sqlite3"
    command.upgrade(migrations(path), "head")
    return path


def hurry(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Spare SQLite the care for a power cut."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.execute("PRAGMA journal_mode=MEMORY")
    cursor.close()


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncEngine:
    """Make one engine for all tests, so that it compiles each statement once."""
    made = make_engine(f"sqlite:///{tmp_path_factory.mktemp('used') / 'used.sqlite3'}")
    event.listen(made.sync_engine, "connect", hurry)
    return made


@pytest.fixture
async def client(migrated: Path, engine: AsyncEngine) -> AsyncIterator[AsyncClient]:
    """Speak to the application, with an empty database behind it."""
    shutil.copyfile(migrated, str(engine.url.database))
    make_session = async_sessionmaker(engine, expire_on_commit=False)

    async def session() -> AsyncIterator[AsyncSession]:
        async with make_session() as opened:
            yield opened

    app.dependency_overrides[get_session] = session
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as speaking:
        yield speaking
    app.dependency_overrides.clear()
    await engine.dispose()
