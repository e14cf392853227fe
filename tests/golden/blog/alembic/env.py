"""How Alembic reaches the database: as the application does, unless it is told otherwise.

It may be handed a connection (`config.attributes["connection"]`) or a URL (`sqlalchemy.url`).
"""

import asyncio
from logging.config import fileConfig
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

import app.models  # noqa: F401 - so that the metadata knows all tables
from app.core.config import get_settings
from app.models.base import Base
from app.models.column_types import UtcDateTime

config = context.config
url = config.get_main_option("sqlalchemy.url") or get_settings().database_url


def written_type(kind: str, item: object, _autogen: AutogenContext) -> str | Literal[False]:
    """Write the application's own types into new migrations as what the database knows."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def write_sql() -> None:
    """Print the statements instead of executing them (`alembic upgrade head --sql`)."""
    context.configure(
        url=url,
        target_metadata=Base.metadata,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
        context.run_migrations()


def migrate(connection: Connection) -> None:
    """Migrate over an open connection."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=written_type,
        compare_server_default=False,  # what databases make of defaults differs too much
        # SQLite can't alter a table in place: Alembic copies it
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


async def connect_and_migrate() -> None:
    """Migrate over a connection of our own."""
    from app.core.database import make_engine  # noqa: PLC0415 - printing SQL needs no driver

    engine = make_engine(url)
    try:
        async with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                # Altering a table copies it, and dropping the old one would delete what refers to it
                await connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            await connection.run_sync(migrate)
            await connection.commit()
    finally:
        await engine.dispose()


if config.cmd_opts is not None and config.config_file_name is not None:
    fileConfig(config.config_file_name, disable_existing_loggers=False)

if context.is_offline_mode():
    write_sql()
elif (given := config.attributes.get("connection")) is not None:
    migrate(given)
else:
    asyncio.run(connect_and_migrate())
