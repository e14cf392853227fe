"""Clients of a gate, and what they ask of it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from workers.engines import Throwaway

SYNC = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}
ASYNC = {"postgresql": "postgresql+asyncpg", "mysql": "mysql+aiomysql"}
SOCKETS = {"postgresql": ".s.PGSQL.5432", "mysql": "mysql.sock"}
Opened = Callable[[str], AbstractContextManager[tuple[Throwaway, str]]]


def connected(path: str) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(60)
    try:
        client.connect(path)
    except OSError:
        client.close()
        raise
    return client


def heard(client: socket.socket) -> bytes:
    """All that is said until the other end closes."""
    said = b""
    try:
        while chunk := client.recv(65536):
            said += chunk
    except ConnectionError:
        pass
    return said


def works(made: Throwaway) -> bool:
    url = sa.make_url(made.url)
    engine = sa.create_engine(url.set(drivername=SYNC[url.get_backend_name()]), poolclass=NullPool)
    with engine.connect() as connection:
        return bool(connection.scalar(sa.text("SELECT 1")) == 1)
