"""The database: one engine for the application, one session for each request."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends
from sqlalchemy import event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect, ExceptionContext
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import ConnectionPoolEntry

from app.core.config import get_settings

DRIVERS = {
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
}
"""By how a URL may begin: the driver that is used where it names none."""


def make_engine(url: str, *, echo: bool = False) -> AsyncEngine:
    """Make an engine for a database; on SQLite it enforces foreign keys."""
    given = make_url(url)
    target = given.set(drivername=DRIVERS.get(given.drivername, given.drivername))
    is_file = target.get_backend_name() == "sqlite"
    made = create_async_engine(target, echo=echo, hide_parameters=True, pool_pre_ping=not is_file)
    if is_file:
        event.listen(made.sync_engine, "connect", _enforce_foreign_keys)
        event.listen(made.sync_engine, "handle_error", _end_transaction)
    else:
        event.listen(made.sync_engine, "do_connect", _connect)
    return made


def _connect(
    dialect: Dialect,
    _entry: ConnectionPoolEntry,
    arguments: tuple[Any, ...],
    options: dict[str, Any],
) -> DBAPIConnection:
    """Make an error of the database of a server that is not there, as other drivers do."""
    try:
        return dialect.connect(*arguments, **options)
    except OSError as error:
        raise dialect.loaded_dbapi.OperationalError(str(error)) from error


def _enforce_foreign_keys(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Ask SQLite to check foreign keys, which it does not do by itself."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _end_transaction(context: ExceptionContext) -> None:
    """Roll back what SQLite keeps open when a key refuses it at the very end, in its COMMIT."""
    if context.statement is None and context.connection is not None:
        context.connection.connection.rollback()


engine = make_engine(get_settings().database_url, echo=get_settings().database_echo)
session_factory = async_sessionmaker(engine, expire_on_commit=False)


async def get_session() -> AsyncIterator[AsyncSession]:
    """Open a session for a request; what was not committed is rolled back."""
    async with session_factory() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
"""Closed before the answer is sent, for which a slow reader may take its time."""
