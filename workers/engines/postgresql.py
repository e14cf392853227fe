"""Throwaway databases on a PostgreSQL server (13 or newer)."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from workers.engines.address import Address
from workers.engines.names import PREFIX
from workers.engines.server import (
    ANSWER_SECONDS,
    MOST_CONNECTIONS,
    STATEMENT_SECONDS,
    Credentials,
    EngineError,
)

if TYPE_CHECKING:
    import psycopg

_CONNECT_SECONDS: Final = 3
_LOGIN_SECONDS: Final = 10
_GREETING_SECONDS: Final = 5
_LOCK_SECONDS: Final = 20
_CUT_OFF_SECONDS: Final = 15
_OLDEST: Final = 130_000
# Kept by every session of the user unless it says otherwise
_SESSION: Final = {
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": f"{STATEMENT_SECONDS}s",
    "synchronous_commit": "off",  # nobody needs its data after a power cut
}
_ONLY_BY_SUPERUSERS: Final = {"temp_file_limit": "512MB"}


class PostgresqlServer:
    """One server, over one connection."""

    db_type = "postgresql"

    def __init__(self, address: Address) -> None:
        self.address = address
        self._connection: psycopg.Connection | None = None

    def greet(self) -> str:
        """Connect, and say what it is; EngineError where it is too old, or its user may not."""
        with self._session(_GREETING_SECONDS) as session:
            if session.info.server_version < _OLDEST:
                raise EngineError("PostgreSQL 13 or newer is needed")
            row = session.execute(
                "SELECT rolsuper OR (rolcreatedb AND rolcreaterole) FROM pg_roles"
                " WHERE rolname = current_user"
            ).fetchone()
            if row is None or not row[0]:
                raise EngineError("its user may not make users and databases")
            return f"PostgreSQL {session.info.server_version // 10_000}"

    def log_in(self, url: str) -> None:
        """Open a session as the user of a throwaway database, and end it."""
        import psycopg  # noqa: PLC0415 - only where there is a server

        try:
            psycopg.connect(url, connect_timeout=_LOGIN_SECONDS).close()
        except psycopg.Error as error:
            raise EngineError(f"it lets in no other users: {error}".strip()) from error

    def names(self) -> set[str]:
        """Databases and roles whose names begin as ours do."""
        query = (
            "SELECT datname::text FROM pg_database WHERE starts_with(datname::text, %(prefix)s)"
            " UNION SELECT rolname::text FROM pg_roles WHERE starts_with(rolname::text, %(prefix)s)"
        )
        with self._session() as session:
            return {name for (name,) in session.execute(query, {"prefix": PREFIX})}

    def create(self, made: Credentials) -> None:
        """Make a database, and a role that owns it and nothing else."""
        from psycopg import sql  # noqa: PLC0415 - only where there is a server

        name = sql.Identifier(made.name)
        most = sql.Literal(MOST_CONNECTIONS)
        with self._session() as session:
            session.execute(
                sql.SQL(
                    "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
                    " NOBYPASSRLS CONNECTION LIMIT {} PASSWORD {}"
                ).format(name, most, sql.Literal(made.password))
            )
            settings = dict(_SESSION)
            if session.info.parameter_status("is_superuser") == "on":
                settings |= _ONLY_BY_SUPERUSERS
            else:  # who may make a database for another only as one of his
                session.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(name))
            for setting, value in settings.items():
                session.execute(
                    sql.SQL("ALTER ROLE {} SET {} = {}").format(
                        name, sql.Identifier(setting), sql.Literal(value)
                    )
                )
            # The same order of texts everywhere, whatever the server's own is
            session.execute(
                sql.SQL(
                    "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'"
                    " LC_COLLATE 'C' LC_CTYPE 'C' CONNECTION LIMIT {}"
                ).format(name, name, most)
            )
            session.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))

    def drop(self, name: str) -> None:
        """Remove a database and its role, whoever is connected to it."""
        from psycopg import sql  # noqa: PLC0415 - only where there is a server

        identifier = sql.Identifier(name)
        with self._session() as session:
            session.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
            session.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(identifier))

    def close(self) -> None:
        """Disconnect."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextlib.contextmanager
    def _session(self, seconds: float = ANSWER_SECONDS) -> Iterator[psycopg.Connection]:
        import psycopg  # noqa: PLC0415 - only where there is a server

        try:
            if self._connection is None or self._connection.closed:
                self._connection = self._connect()
            with _cut_after(seconds, self._connection):
                yield self._connection
        except psycopg.Error as error:
            self.close()
            raise EngineError(f"{type(error).__name__}: {error}".strip()) from error

    def _connect(self) -> psycopg.Connection:
        import psycopg  # noqa: PLC0415 - only where there is a server

        at = self.address
        return psycopg.connect(
            host=at.host if at.socket is None else at.socket.rpartition("/")[0],
            port=at.port,
            user=at.user,
            password=at.password or None,
            dbname=at.database,
            connect_timeout=_CONNECT_SECONDS,
            application_name="backbone",
            autocommit=True,
            options=f"-c statement_timeout={ANSWER_SECONDS}s -c lock_timeout={_LOCK_SECONDS}s",
            tcp_user_timeout=_CUT_OFF_SECONDS * 1000,
            keepalives_idle=_CUT_OFF_SECONDS,
        )


@contextlib.contextmanager
def _cut_after(seconds: float, connection: psycopg.Connection) -> Iterator[None]:
    """Cut a connection that is still in use by then: a server that hangs keeps no time itself."""

    def cut() -> None:
        with contextlib.suppress(OSError):
            ours.shutdown(socket.SHUT_RDWR)

    with socket.socket(fileno=os.dup(connection.fileno())) as ours:
        timer = threading.Timer(seconds, cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
