"""Where a database server is, and as whom it is administered."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from common.engine_url import SOCKET_OPTIONS, read_engine_url

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_PORTS: Final = {"postgresql": 5432, "mysql": 3306}
_USERS: Final = {"postgresql": "postgres", "mysql": "root"}
_SYSTEM_DATABASES: Final = {"postgresql": "postgres", "mysql": "mysql"}
_SOCKET_FOLDERS: Final = ("/var/run/postgresql", "/run/postgresql", "/tmp")  # noqa: S108 - where servers put them
_MYSQL_SOCKETS: Final = (
    "/run/mysqld/mysqld.sock",
    "/var/run/mysqld/mysqld.sock",
    "/tmp/mysql.sock",  # noqa: S108 - as above
)


@dataclass(frozen=True, slots=True)
class Address:
    """A server and its administrator."""

    socket: str | None
    """The path of its Unix socket; None where it is reached by TCP."""
    host: str
    port: int
    user: str
    password: str
    database: str
    """Where the administrator works; nothing is ever changed in it."""

    async def connect(self) -> Streams:
        """A new connection to the server, over which nothing was said yet."""
        if self.socket is not None:
            return await asyncio.open_unix_connection(self.socket)
        return await asyncio.open_connection(self.host, self.port)


def parse_address(db_type: str, text: str) -> Address:
    """The address that a URL gives; ValueError, without the URL in it, where it gives none.

    A Unix socket is named as the drivers do it: `?host=/run/postgresql` (a folder) or
    `?unix_socket=/run/mysqld/mysqld.sock`.
    """
    url = read_engine_url(db_type, text)
    port = url.port or _PORTS[db_type]
    place = url.query.get(SOCKET_OPTIONS[db_type])
    socket = f"{place}/.s.PGSQL.{port}" if place and db_type == "postgresql" else place
    assert not isinstance(socket, tuple)  # noqa: S101 - each option comes once
    return Address(
        socket=socket,
        host=url.host or "127.0.0.1",
        port=port,
        user=url.username or _USERS[db_type],
        password=url.password or "",
        database=url.database or _SYSTEM_DATABASES[db_type],
    )


def usual_addresses(db_type: str) -> Iterator[Address]:
    """The local sockets that are there, with the administrators that need no password."""
    if db_type == "postgresql":
        sockets = [f"{folder}/.s.PGSQL.5432" for folder in _SOCKET_FOLDERS]
        users = list(dict.fromkeys(("postgres", *_own_name())))
    else:
        sockets, users = list(_MYSQL_SOCKETS), ["root"]
    seen = set()
    for path in sockets:
        place = Path(path).resolve()
        if place in seen or not place.is_socket():
            continue
        seen.add(place)
        for user in users:
            yield Address(path, "localhost", _PORTS[db_type], user, "", _SYSTEM_DATABASES[db_type])


def _own_name() -> Iterator[str]:
    with contextlib.suppress(KeyError):  # in a container a user may have a number alone
        yield pwd.getpwuid(os.geteuid()).pw_name
