"""Connections to the platform's database: SQLite by default, PostgreSQL by URL.

An engine belongs to the process that made it; make it after a fork, never before. Whatever goes
wrong on the way to the database is raised as `TransientError("database_unavailable", …)`.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import (
    DatabaseError,
    InterfaceError,
    InternalError,
    OperationalError,
)
from sqlalchemy.exc import (
    TimeoutError as PoolTimeoutError,
)
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, QueuePool

from common.errors import TransientError

BUSY_SECONDS: Final = 10
"""How long a writer waits for the writers before it."""
POOL_SIZE: Final = 58
"""As many as the API has threads that use one: nobody waits for a connection.

40 answer requests, some take batches in, 4 sit at the desk, two watch, one records, one dispatches,
one does what nobody waits for, and one looks whether the database is there. A connection is made
when it is first needed.
"""
_POSTGRESQL_OPTIONS: Final = (
    f"-c timezone=UTC -c lock_timeout={BUSY_SECONDS}s"
    # A process that was frozen in the middle of a transaction keeps nobody waiting for ever.
    " -c idle_in_transaction_session_timeout=30s"
)
_CONNECT_SECONDS: Final = 5
_READING: Final = "backbone_reading"
_FORGETFUL: Final = "backbone_forgetful"
_UNAVAILABLE: Final = (InterfaceError, InternalError, OperationalError)


Connected = TypeVar("Connected")


class _CircuitBreaker:
    """Where a connection failed, one thread at a time tries again; the others fail at once.

    A server that says nothing, not even no, keeps whoever tries for `_CONNECT_SECONDS`: soon all
    threads of a process would be waiting there.
    """

    def __init__(self) -> None:
        self._open = False
        self._trying = threading.Lock()

    def call(self, connect: Callable[[], Connected]) -> Connected:
        """What `connect` returns or raises; TransientError while another thread tries."""
        if not self._open:
            return self._try(connect)
        if not self._trying.acquire(blocking=False):
            raise _unavailable()
        try:
            return self._try(connect)
        finally:
            self._trying.release()

    def _try(self, connect: Callable[[], Connected]) -> Connected:
        try:
            connection = connect()
        except BaseException:
            self._open = True
            raise
        self._open = False
        return connection


class _Pool(QueuePool):
    """One that says in our words that all its connections are taken."""

    def connect(self) -> PoolProxiedConnection:
        try:
            return super().connect()
        except PoolTimeoutError as error:
            raise TransientError(
                "database_unavailable", "All connections to the database are in use."
            ) from error


def make_engine(url: str, *, wait_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine for `url` (`sqlite:///…` or `postgresql+psycopg://…`).

    Transactions on SQLite start with BEGIN IMMEDIATE: one that reads first and then writes would
    otherwise fail at once, in spite of the busy timeout, when another process wrote in between.
    Who finds all `POOL_SIZE` connections in use gets one within `wait_seconds` or TransientError.
    Raises ValueError for databases that the platform can't be kept in.
    """
    pool: dict[str, Any] = {
        "poolclass": _Pool,
        "pool_size": POOL_SIZE,
        "max_overflow": 0,
        "pool_timeout": wait_seconds,
    }
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _make_sqlite_engine(parsed, pool)
    if backend == "postgresql":
        return _make_postgresql_engine(parsed, pool)
    raise ValueError(f"DATABASE_URL must name SQLite or PostgreSQL, not {backend}")


def reading(engine: Engine) -> Engine:
    """The same pool of connections, for single statements that only read: no transaction around.

    On SQLite such a reader waits for no writer; on PostgreSQL it saves two round trips.
    """
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{_READING: True})
    return engine.execution_options(**{_READING: True}, isolation_level="AUTOCOMMIT")


def forgetful(engine: Engine) -> Engine:
    """The same pool, for writes that a power cut may undo: what they say is found out again.

    Everybody sees them at once and a killed process loses none; a commit just does not wait for
    the disk. Whoever reads one of them and commits durably makes it durable, too.
    """
    return engine.execution_options(**{_FORGETFUL: True})


def _make_sqlite_engine(url: URL, pool: dict[str, Any]) -> Engine:
    if url.database not in (None, "", ":memory:"):
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, **pool)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we begin transactions ourselves
        connection.execute("PRAGMA synchronous = FULL")  # a 202 survives a power cut
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get(_READING):
            return
        wanted = "NORMAL" if options.get(_FORGETFUL) else "FULL"
        known = connection.connection.info
        if known.get("synchronous", "FULL") != wanted:
            connection.exec_driver_sql(f"PRAGMA synchronous = {wanted}")
            known["synchronous"] = wanted
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    _name_failures(engine)
    return engine


def _make_postgresql_engine(url: URL, pool: dict[str, Any]) -> Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    asked = url.query.get("options", "")
    options = f"{asked if isinstance(asked, str) else ' '.join(asked)} {_POSTGRESQL_OPTIONS}"
    engine = create_engine(
        url,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": _CONNECT_SECONDS,
            # What was sent and arrives nowhere: the server is gone, and nobody says so
            "tcp_user_timeout": BUSY_SECONDS * 1000,
            "options": options.strip(),
        },
        **pool,
    )
    breaker = _CircuitBreaker()

    @event.listens_for(engine, "do_connect")
    def connect(
        dialect: Dialect, _entry: ConnectionPoolEntry, arguments: list[Any], named: dict[str, Any]
    ) -> object:
        return breaker.call(partial(dialect.connect, *arguments, **named))

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_FORGETFUL):
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")

    _name_failures(engine)
    return engine


def _name_failures(engine: Engine) -> None:
    @event.listens_for(engine, "handle_error")
    def name_failure(context: ExceptionContext) -> None:
        if context.is_pre_ping:  # a connection that was cut off is put out of the pool by itself
            return
        error = context.sqlalchemy_exception
        # Plain DatabaseError: what SQLite says of a file that is no database.
        if isinstance(error, _UNAVAILABLE) or type(error) is DatabaseError:
            raise _unavailable() from context.original_exception


def _unavailable() -> TransientError:
    return TransientError("database_unavailable", "The database is not available.")
