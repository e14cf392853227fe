"""The gate in front of a server, met by drivers as they are and by floods of clients."""

from __future__ import annotations

import contextlib
import select
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.contract.gate_guests import ASYNC, SOCKETS, SYNC, Opened, connected, heard, works
from workers.engines import Engines, Throwaway
from workers.engines.gate import Bounds
from workers.engines.names import PREFIX


async def test_drivers_work_in_a_database_of_their_own(opened: Opened, db_type: str) -> None:
    with opened(db_type) as (made, _):
        url = sa.make_url(made.url)
        engine = sa.create_engine(url.set(drivername=SYNC[db_type]), poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE notes (id int PRIMARY KEY, body text)"))
            row = {"id": 1, "body": "ä" * 30_000}
            connection.execute(sa.text("INSERT INTO notes VALUES (:id, :body)"), row)
        other = create_async_engine(url.set(drivername=ASYNC[db_type]), poolclass=NullPool)
        async with other.begin() as session:
            assert await session.scalar(sa.text("SELECT body FROM notes")) == "ä" * 30_000
        await other.dispose()


def test_a_database_and_its_user_are_gone_afterwards(
    opened: Opened, db_type: str, engines: Engines
) -> None:
    with opened(db_type) as (made, path):
        server = engines._servers[db_type]
        assert made.name in server.names()
        kept = sa.create_engine(sa.make_url(made.url).set(drivername=SYNC[db_type])).connect()
        kept.execute(sa.text("SELECT 1"))
    assert not Path(path).exists()
    engines.settle()
    assert made.name not in server.names()
    with pytest.raises(sa.exc.DBAPIError):
        kept.execute(sa.text("SELECT 1"))
    kept.invalidate()
    kept.close()


def test_two_at_a_time_do_not_meet(opened: Opened, db_type: str) -> None:
    with opened(db_type) as (one, _), opened(db_type) as (other, path):
        assert one.name != other.name
        url = sa.make_url(one.url)
        place = {"postgresql": {"host": str(Path(path).parent)}, "mysql": {"unix_socket": path}}
        lost = url.set(drivername=SYNC[db_type]).update_query_dict(place[db_type])
        engine = sa.create_engine(lost, poolclass=NullPool)
        with pytest.raises(sa.exc.OperationalError):
            engine.connect()


Bounded = Callable[[Bounds], AbstractContextManager[tuple[Throwaway, str]]]


@pytest.fixture
def bounded(engines: Engines, db_type: str, tmp_path_factory: pytest.TempPathFactory) -> Bounded:
    """Opens a database behind a gate with these bounds; what it is, and the path of its gate."""

    @contextmanager
    def open_one(bounds: Bounds) -> Iterator[tuple[Throwaway, str]]:
        folder = tmp_path_factory.mktemp("g")
        with (
            engines_with(engines, bounds) as narrow,
            narrow.throwaway(db_type, folder, str(folder)) as made,
        ):
            (place,) = folder.iterdir()
            yield made, str(place / SOCKETS[db_type])

    return open_one


def test_one_more_than_there_may_be_is_cut_off(bounded: Bounded) -> None:
    with bounded(Bounds(connections=3, login_seconds=600)) as (made, path):
        silent = [connected(path) for _ in range(3)]
        with connected(path) as one_more:
            assert heard(one_more) == b""
        for client in silent:
            client.close()
        until(lambda: works(made))


def test_who_does_not_log_in_is_cut_off(bounded: Bounded) -> None:
    with bounded(Bounds(connections=3, login_seconds=0.5)) as (made, path):
        for client in [connected(path) for _ in range(3)]:
            heard(client)  # it has an end
            client.close()
        until(lambda: works(made))


def test_who_says_nothing_any_more_is_cut_off(bounded: Bounded, db_type: str) -> None:
    with bounded(Bounds(idle_seconds=0.5)) as (made, _):
        engine = engine_of(made, db_type)
        idle = engine.connect()
        driver: Any = idle.connection.driver_connection
        [readable], _, _ = select.select([getattr(driver, "_sock", driver)], [], [], 60)
        assert readable  # the end of it, or what it is told before that
        with pytest.raises(sa.exc.DBAPIError):
            idle.execute(sa.text("SELECT 1"))
        idle.invalidate()
        idle.close()
        until(lambda: works(made))


def test_who_asks_for_too_much_is_cut_off(bounded: Bounded, db_type: str) -> None:
    with bounded(Bounds(session_bytes=200_000)) as (made, _):
        engine = engine_of(made, db_type)
        with engine.connect() as greedy, pytest.raises(sa.exc.DBAPIError):
            greedy.execute(sa.text("SELECT repeat('x', 300000)")).all()
        assert works(made)


def engine_of(made: Throwaway, db_type: str) -> sa.Engine:
    url = sa.make_url(made.url).set(drivername=SYNC[db_type])
    return sa.create_engine(url, poolclass=NullPool)


def until(condition: Callable[[], bool]) -> None:
    """Also where a busy machine takes longer than is allowed, now and then."""
    deadline = time.monotonic() + 60
    while True:
        with contextlib.suppress(sa.exc.DBAPIError):
            if condition():
                return
        assert time.monotonic() < deadline
        time.sleep(0.1)


@contextmanager
def engines_with(engines: Engines, bounds: Bounds) -> Iterator[Engines]:
    """The same servers behind narrower gates."""
    with Engines({}, bounds) as made:
        made._candidates = engines._candidates
        yield made


def test_a_flood_of_sessions_is_survived(opened: Opened, db_type: str) -> None:
    with opened(db_type) as (made, path):
        for _ in range(300):
            with contextlib.suppress(BlockingIOError, BrokenPipeError), connected(path) as client:
                client.sendall(b"\x00\x00\x00")
        until(lambda: answers(path))
        assert works(made)


def answers(path: str) -> bool:
    """Whether a gate says anything to one more client, which begins as PostgreSQL's do."""
    with contextlib.suppress(OSError), connected(path) as client:
        client.sendall(struct.pack("!IIB", 9, 196608, 0))
        return heard(client) != b""
    return False


def test_every_name_is_ours(opened: Opened, db_type: str) -> None:
    with opened(db_type) as (made, _):
        assert made.name.startswith(PREFIX)
        assert len(made.name) <= 32


LOOPBACK = {
    "postgresql": "postgresql://postgres@127.0.0.1:5432/postgres",
    "mysql": "mysql://root@127.0.0.1:3306/mysql",
}


def test_a_server_may_be_reached_by_tcp(
    db_type: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("g")
    with Engines({db_type: LOOPBACK[db_type]}) as engines:
        if not engines.has(db_type):
            pytest.skip(f"no {db_type} server without a password at {LOOPBACK[db_type]}")
        with engines.throwaway(db_type, folder, str(folder)) as made:
            assert works(made)
