"""Throwaway databases on a MySQL or MariaDB server."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

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
    import pymysql.cursors

_CONNECT_SECONDS: Final = 3
_LOGIN_SECONDS: Final = 10
_RIGHTS: Final = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES, INDEX, ALTER,"
    " CREATE TEMPORARY TABLES, LOCK TABLES, CREATE VIEW, SHOW VIEW"
)


class MysqlServer:
    """One server, over one connection."""

    db_type = "mysql"

    def __init__(self, address: Address) -> None:
        self.address = address
        self._connection: pymysql.Connection[Any] | None = None
        # A user is one for the places that he may come from
        self._host = "localhost" if address.socket is not None else "%"

    def greet(self) -> str:
        """Connect, and say what it is; EngineError where its user may not see users."""
        with self._session() as cursor:
            cursor.execute("SELECT COUNT(*) FROM mysql.user")
            return f"{'MariaDB' if self._is_mariadb() else 'MySQL'} {self._version()}"

    def log_in(self, url: str) -> None:
        """Open a session as the user of a throwaway database, and end it."""
        import pymysql  # noqa: PLC0415 - only where there is a server
        from sqlalchemy import make_url  # noqa: PLC0415

        parts = make_url(url)
        try:
            pymysql.connect(
                unix_socket=parts.query["unix_socket"],
                user=parts.username,
                password=parts.password or "",
                database=parts.database,
                connect_timeout=_LOGIN_SECONDS,
                read_timeout=_LOGIN_SECONDS,
            ).close()
        except _errors() as error:
            raise EngineError(f"it lets in no other users: {error}") from error

    def names(self) -> set[str]:
        """Databases and users whose names begin as ours do."""
        query = (
            "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE %s"
            " UNION SELECT user FROM mysql.user WHERE user LIKE %s"
        )
        like = PREFIX.replace("_", r"\_") + "%"
        with self._session() as cursor:
            cursor.execute(query, (like, like))
            return {str(name) for (name,) in cursor.fetchall()}

    def create(self, made: Credentials) -> None:
        """Make a database, and a user with rights in it alone."""
        # In a grant, an underscore would stand for any character
        pattern = made.name.replace("_", r"\_")
        bounds = f"WITH MAX_USER_CONNECTIONS {MOST_CONNECTIONS}"
        with self._session() as cursor:
            if self._is_mariadb():
                bounds += f" MAX_STATEMENT_TIME {STATEMENT_SECONDS}"
            cursor.execute(
                f"CREATE USER {made.name}@%s IDENTIFIED BY %s {bounds}",
                (self._host, made.password),
            )
            cursor.execute(f"CREATE DATABASE `{made.name}` CHARACTER SET utf8mb4")
            cursor.execute(f"GRANT {_RIGHTS} ON `{pattern}`.* TO {made.name}@'{self._host}'")

    def drop(self, name: str) -> None:
        """Remove a database and its user, whoever is connected to it."""
        with self._session() as cursor:
            cursor.execute("SELECT id FROM information_schema.processlist WHERE user = %s", (name,))
            for (session,) in cursor.fetchall():
                with contextlib.suppress(*_errors()):  # it may be gone by now
                    cursor.execute(f"KILL {int(session)}")
            cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
            # Whoever made it may have reached the server in another way
            cursor.execute("SELECT host FROM mysql.user WHERE user = %s", (name,))
            for (host,) in cursor.fetchall():
                cursor.execute(f"DROP USER IF EXISTS {name}@%s", (host,))

    def close(self) -> None:
        """Disconnect."""
        if self._connection is not None:
            with contextlib.suppress(*_errors()):
                self._connection.close()
            self._connection = None

    def _is_mariadb(self) -> bool:
        assert self._connection is not None  # noqa: S101 - asked within a session
        return "MariaDB" in self._connection.get_server_info()

    def _version(self) -> str:
        assert self._connection is not None  # noqa: S101 - asked within a session
        info: str = self._connection.get_server_info()
        return info.removeprefix("5.5.5-").partition("-")[0]

    @contextlib.contextmanager
    def _session(self) -> Iterator[pymysql.cursors.Cursor]:
        try:
            if self._connection is None:
                self._connection = self._connect()
            self._connection.ping(reconnect=True)
            with self._connection.cursor() as cursor:
                yield cursor
        except _errors() as error:
            self.close()
            raise EngineError(f"{type(error).__name__}: {error}") from error

    def _connect(self) -> pymysql.Connection[Any]:
        import pymysql  # noqa: PLC0415 - only where there is a server

        at = self.address
        return pymysql.connect(
            unix_socket=at.socket,
            host=at.host,
            port=at.port,
            user=at.user,
            password=at.password,
            database=at.database,
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            write_timeout=ANSWER_SECONDS,
            autocommit=True,
        )


def _errors() -> tuple[type[Exception], ...]:
    import pymysql  # noqa: PLC0415 - only where there is a server

    return pymysql.MySQLError, OSError
