"""Put into a generated project as its `conftest.py`: its tests run on the server of `SERVER_URL`.

The database is the test's own and goes away with it; between tests its tables are emptied.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from app.core.database import get_session, make_engine
from app.main import app
from app.models.base import Base
from httpx import ASGITransport, AsyncClient
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

ROOT = Path(__file__).resolve().parents[1]
SERVER = make_url(os.environ["SERVER_URL"])


async def administer(statement: str) -> None:
    engine = make_engine(SERVER.render_as_string(hide_password=False))
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(statement))
    await engine.dispose()


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    name = f"project_{secrets.token_hex(6)}"
    asyncio.run(administer(f"CREATE DATABASE {name}"))
    try:
        own = SERVER.set(database=name).render_as_string(hide_password=False)
        config = Config(str(ROOT / "alembic.ini"))
        config.set_main_option("sqlalchemy.url", own)
        command.upgrade(config, "head")
        yield own
    finally:
        asyncio.run(administer(f"DROP DATABASE {name}"))


@pytest.fixture(scope="session")
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    made = make_engine(url)
    yield made
    await made.dispose()


@pytest.fixture
async def client(engine: AsyncEngine) -> AsyncIterator[AsyncClient]:
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    async def session() -> AsyncIterator[AsyncSession]:
        async with sessions() as opened:
            yield opened

    app.dependency_overrides[get_session] = session
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as speaking:
        yield speaking
    async with engine.begin() as connection:
        quote = engine.dialect.identifier_preparer.quote
        names = [quote(name) for name in Base.metadata.tables]
        if engine.dialect.name == "postgresql":
            await connection.execute(text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE"))
        else:
            await connection.execute(text("SET FOREIGN_KEY_CHECKS=0"))
            for name in names:
                await connection.execute(text(f"DELETE FROM {name}"))  # noqa: S608 - quoted
            await connection.execute(text("SET FOREIGN_KEY_CHECKS=1"))
