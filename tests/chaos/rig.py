"""A platform to be harmed: the real processes, and the stores that they use."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, Select, create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from backbone.background_stack import BackgroundStack
from common import clock
from common.artifacts import ArtifactStore
from common.callers import CallerStore
from common.db.engine import make_engine, reading
from common.db.migrate import migrate
from common.keys.store import KeyStore
from tests.chaos.processes import Processes
from tests.own_valkey import OwnValkey

LEASE_SECONDS = 4
_HIGH = "1000000/minute"
_USUAL_POSTGRESQL = "postgresql+psycopg://postgres@127.0.0.1:5432/test"
_USUAL_REDIS = "redis://127.0.0.1:6379/15"


class Stores(ABC):
    """The database and the queue of one run, both to be treated badly."""

    database_url: str
    redis_url: str

    @abstractmethod
    def block_database(self, seconds: float) -> None:
        """Let nobody write for so long."""

    @abstractmethod
    def cut_database(self) -> None:
        """Break all connections, where there are any."""

    @abstractmethod
    def stop_queue(self, seconds: float, *, emptied: bool) -> None:
        """Take the queue away and bring it back, perhaps without all that it held."""

    @abstractmethod
    def flush_queue(self) -> None:
        """Empty it while it runs."""


class Embedded(Stores):
    """SQLite, and the bundled Valkey, which the test itself kills and starts."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "backbone.db"
        self.database_url = f"sqlite:///{self._path}"
        self._folder = folder / "valkey"
        self._valkey = OwnValkey(self._folder)
        self._valkey.start()
        self.redis_url = self._valkey.url

    def block_database(self, seconds: float) -> None:
        with contextlib.closing(sqlite3.connect(self._path, timeout=30)) as connection:
            connection.isolation_level = None
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            connection.execute("ROLLBACK")

    def cut_database(self) -> None:
        raise NotImplementedError("a file has no connections")

    def stop_queue(self, seconds: float, *, emptied: bool) -> None:
        self._valkey.kill()
        time.sleep(seconds)
        if emptied:
            for path in self._folder.rglob("*.aof*"):
                path.unlink(missing_ok=True)
        self._valkey.start()

    def kill_queue(self) -> None:
        self._valkey.kill()

    def start_queue(self) -> None:
        self._valkey.start()

    def flush_queue(self) -> None:
        self._valkey.flush()

    def close(self) -> None:
        self._valkey.kill()


class Servers(Stores):
    """A database of its own on a PostgreSQL, and one number of a Redis; the servers stay up."""

    def __init__(self, postgresql: str, redis: str) -> None:
        self._name = f"backbone_chaos_{secrets.token_hex(4)}"
        self._admin = create_engine(postgresql, isolation_level="AUTOCOMMIT")
        with self._admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {self._name}"))
        url = make_url(postgresql).set(database=self._name)
        self.database_url = url.render_as_string(hide_password=False)
        self._own = create_engine(url, poolclass=NullPool)  # ours are cut off, too
        self.redis_url = redis
        self._redis = Redis.from_url(redis)

    def block_database(self, seconds: float) -> None:
        with self._own.begin() as connection:
            connection.execute(text("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE"))
            time.sleep(seconds)

    def cut_database(self) -> None:
        self._end_connections()

    def stop_queue(self, seconds: float, *, emptied: bool) -> None:
        """The server is not ours to kill: whoever speaks to this number of it is cut off."""
        until, own = clock.monotonic() + seconds, self._redis.client_id()
        if emptied:
            self.flush_queue()
        while True:
            for client in self._redis.client_list():
                if client["db"] == str(self._number) and client["id"] != str(own):
                    with contextlib.suppress(RedisError):
                        self._redis.client_kill_filter(_id=client["id"])
            if clock.monotonic() > until:
                return
            time.sleep(0.02)

    def flush_queue(self) -> None:
        self._redis.flushdb()

    @property
    def _number(self) -> int:
        return int(self._redis.connection_pool.connection_kwargs.get("db", 0))

    def _end_connections(self) -> None:
        with self._admin.connect() as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :own"),
                {"own": self._name},
            )

    def close(self) -> None:
        self._own.dispose()
        self._end_connections()
        with self._admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {self._name}"))
        self._admin.dispose()
        self._redis.flushdb()
        self._redis.close()


@contextlib.contextmanager
def embedded(folder: Path) -> Iterator[Embedded]:
    stores = Embedded(folder)
    try:
        yield stores
    finally:
        stores.close()


@contextlib.contextmanager
def servers() -> Iterator[Servers]:
    """The servers of this machine, or those that the environment names; a skip without."""
    postgresql = os.environ.get("TEST_POSTGRESQL_URL", _USUAL_POSTGRESQL)
    redis = os.environ.get("TEST_REDIS_URL", _USUAL_REDIS)
    probe = create_engine(postgresql, connect_args={"connect_timeout": 3})
    try:
        with probe.connect():
            pass
    except OperationalError:
        pytest.skip(
            "no PostgreSQL: set TEST_POSTGRESQL_URL, or run `docker run -p 5432:5432 "
            "-e POSTGRES_HOST_AUTH_METHOD=trust -e POSTGRES_DB=test postgres`"
        )
    finally:
        probe.dispose()
    with Redis.from_url(redis, socket_connect_timeout=3) as connection:
        try:
            kept = connection.dbsize()
        except RedisError:
            pytest.skip("no Redis: set TEST_REDIS_URL, or run `docker run -p 6379:6379 redis`")
    if kept:
        pytest.skip(f"{redis} holds {kept} keys of somebody: set TEST_REDIS_URL to an empty number")
    stores = Servers(postgresql, redis)
    try:
        yield stores
    finally:
        stores.close()


class Rig:
    """The platform on `stores`; a context manager. Everything it needs is made before it starts."""

    def __init__(self, folder: Path, stores: Stores, **settings: str) -> None:
        self.stores = stores
        self.engine: Engine = make_engine(stores.database_url)
        migrate(self.engine)
        self.artifacts_folder = folder / "artifacts"
        self.artifacts = ArtifactStore(self.artifacts_folder.as_uri())
        self._stack = BackgroundStack(
            folder / "data",
            {
                "DATABASE_URL": stores.database_url,
                "REDIS_URL": stores.redis_url,
                "ARTIFACT_URL": self.artifacts_folder.as_uri(),
                "JOB_LEASE_SECONDS": str(LEASE_SECONDS),
                "MAX_ATTEMPTS": "20",  # harm comes more often than in a life
                "RATE_LIMIT_GENERATION": _HIGH,
                "RATE_LIMIT_AUTHENTICATED": _HIGH,
                "RATE_LIMIT_PUBLIC": _HIGH,
                **settings,
            },
        )

    def __enter__(self) -> Self:
        self._stack.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.stop()
        self.engine.dispose()

    @property
    def url(self) -> str:
        return self._stack.api_url

    @property
    def processes(self) -> Processes:
        return Processes(self._stack.process_id)

    @property
    def log(self) -> str:
        """The last words of `backbone up`, for a failure's message."""
        path = self._stack.folder / "up.log"
        return path.read_text(encoding="utf-8", errors="replace")[-3000:]

    def key(self, caller: str) -> str:
        """A key of this caller's."""
        callers = CallerStore(self.engine, clock.now)
        scopes = ("generate", "validate", "jobs:read", "batches")
        keys = KeyStore(self.engine, clock.now)
        return keys.create_key(callers.ensure(caller), name="chaos", scopes=scopes).secret

    def rows(self, statement: Select[Any]) -> list[Any]:
        """What the database says, whatever the API does."""
        with reading(self.engine).connect() as connection:
            return list(connection.execute(statement))
