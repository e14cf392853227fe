"""The migrations make exactly the tables of the models, and take them away again."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.models.base import Base
from tests.conftest import insist_on_an_empty_database, migrations


async def test_up_down_and_up_again(database_url: str, engine: AsyncEngine) -> None:
    config = migrations(database_url)
    await asyncio.to_thread(command.downgrade, config, "base")
    assert await tables(engine) <= {"alembic_version"}
    await asyncio.to_thread(command.upgrade, config, "head")
    assert await tables(engine) == {*Base.metadata.tables, "alembic_version"}


async def tables(engine: AsyncEngine) -> set[str]:
    """Look at a database over a connection that knows nothing of it yet."""
    await engine.dispose()
    async with engine.connect() as connection:
        return set(await connection.run_sync(lambda it: inspect(it).get_table_names()))


def test_a_database_in_use_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'used.sqlite3'}"
    with closing(sqlite3.connect(tmp_path / "used.sqlite3")) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        insist_on_an_empty_database(url)
        connection.execute("CREATE TABLE used (id INTEGER)")
        with pytest.raises(pytest.exit.Exception, match="holds used"):
            insist_on_an_empty_database(url)


async def test_models_match_the_migrated_database(connection: AsyncConnection) -> None:
    assert await connection.run_sync(differences) == []


def differences(connection: Connection) -> list[object]:
    """Say what a new migration would have to change."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Base.metadata))
