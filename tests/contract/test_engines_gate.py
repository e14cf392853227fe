"""The gate in front of a server, met by drivers as they are and by hostile clients."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from workers.engines import Engines, Throwaway
from workers.engines.gate import Bounds
from workers.engines.names import PREFIX

SYNC = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}
ASYNC = {"postgresql": "postgresql+asyncpg", "mysql": "mysql+aiomysql"}
SOCKETS = {"postgresql": ".s.PGSQL.5432", "mysql": "mysql.sock"}
Opened = Callable[[str], AbstractContextManager[tuple[Throwaway, str]]]


@pytest.fixture
def opened(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Opens a throwaway database: what it is, and the path of the gate's socket."""

    @contextmanager
    def open_one(db_type: str) -> Iterator[tuple[Throwaway, str]]:
        if not engines.has(db_type):
            pytest.skip(f"no {db_type} server")  # said in full by the fixture `db_type`
        folder = tmp_path_factory.mktemp("g")
        with engines.throwaway(db_type, folder, str(folder)) as made:
            (place,) = folder.iterdir()
            yield made, str(place / SOCKETS[db_type])

    return open_one


def connected(path: str) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(10)
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


# PostgreSQL


def startup(**parameters: str) -> bytes:
    said = b"".join(f"{name}\0{value}\0".encode() for name, value in parameters.items()) + b"\0"
    return struct.pack("!II", len(said) + 8, 196608) + said


@pytest.mark.parametrize(
    "wrong",
    [
        {"user": "postgres", "database": "postgres"},
        {"user": "postgres"},
        {"database": "postgres"},
        {"database": "template1"},
        {"replication": "true"},
        {"replication": "database"},
        {"options": "-c log_statement=all"},
        {"_pq_.command_id": "1"},
        {"session_authorization": "postgres"},
        {"role": "postgres"},
    ],
    ids=str,
)
def test_postgresql_is_opened_to_one_user_and_one_database(
    opened: Opened, wrong: dict[str, str]
) -> None:
    with opened("postgresql") as (made, path), connected(path) as client:
        client.sendall(startup(**{"user": made.name, "database": made.name, **wrong}))
        said = heard(client)
        assert said.startswith(b"E"), said
        assert b"the gate refuses" in said
        assert works(made)


@pytest.mark.parametrize(
    "packet",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\0" * 64,
        b"\xff" * 64,
        struct.pack("!II", 8, 2 << 16),
        struct.pack("!IIII", 16, 80877102, 1, 1),  # a request to cancel
        struct.pack("!II", 100_000, 196608) + b"x" * 99_992,
        struct.pack("!II", 9, 196608) + b"x",
        startup(user="postgres")[:-1] + b"x",
        startup(user="pp").replace(b"pp", b"p\xff"),
    ],
    ids=repr,
)
def test_postgresql_is_closed_to_what_begins_no_session(opened: Opened, packet: bytes) -> None:
    with opened("postgresql") as (made, path), connected(path) as client:
        client.sendall(packet)
        said = heard(client)
        assert said == b"" or (said[:1] == b"E" and b"the gate refuses" in said)
        assert made.sessions() == 0
        assert works(made)


@pytest.mark.parametrize("password", [b"", b"x", b"x" * 5000])
def test_postgresql_is_opened_to_who_knows_the_password(opened: Opened, password: bytes) -> None:
    with opened("postgresql") as (made, path), connected(path) as client:
        client.sendall(startup(user=made.name, database=made.name))
        assert client.recv(9, socket.MSG_WAITALL) == struct.pack("!cII", b"R", 8, 3)
        client.sendall(struct.pack("!cI", b"p", len(password) + 5) + password + b"\0")
        assert b"the gate refuses another password" in heard(client)
        assert made.sessions() == 0
        assert works(made)


def test_postgresql_asked_for_twice_the_first_user_does_not_count(opened: Opened) -> None:
    with opened("postgresql") as (made, path), connected(path) as client:
        twice = startup(user=made.name, database=made.name)
        body = twice[8:-1] + b"user\0postgres\0\0"
        client.sendall(struct.pack("!II", len(body) + 8, 196608) + body)
        assert b"a parameter that comes twice" in heard(client)


def test_postgresql_encrypts_nothing_and_goes_on_without(opened: Opened) -> None:
    with opened("postgresql") as (made, path), connected(path) as client:
        for code in (80877103, 80877104):
            client.sendall(struct.pack("!II", 8, code))
            assert client.recv(1) == b"N"
        client.sendall(startup(user="postgres", database="postgres"))
        assert heard(client).startswith(b"E")
        assert works(made)


def test_a_session_of_postgresql_stays_who_it_is(opened: Opened) -> None:
    with opened("postgresql") as (made, _), psycopg.connect(made.url, autocommit=True) as session:
        for statement in (
            "SET SESSION AUTHORIZATION postgres",
            "SET ROLE postgres",
            "COPY (SELECT 1) TO PROGRAM 'touch /tmp/out-of-the-gate'",
            "COPY (SELECT 1) TO '/tmp/out-of-the-gate'",
            "SELECT pg_read_file('/etc/passwd')",
            "SELECT lo_import('/etc/passwd')",
            "CREATE EXTENSION dblink",
            "CREATE DATABASE bb_engines_other",
            "CREATE ROLE bb_engines_other",
            f"ALTER ROLE {made.name} SUPERUSER",
            f"ALTER ROLE {made.name} CONNECTION LIMIT 1000",
            "SELECT rolpassword FROM pg_authid",
            "ALTER SYSTEM SET log_statement = 'all'",
            "SET temp_file_limit = -1",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(statement)
        assert session.execute("SELECT current_user, session_user").fetchone() == (
            made.name,
            made.name,
        )


# MySQL


def packet(number: int, said: bytes) -> bytes:
    return len(said).to_bytes(3, "little") + bytes([number]) + said


def read_packet(client: socket.socket) -> tuple[int, bytes]:
    header = client.recv(4, socket.MSG_WAITALL)
    return header[3], client.recv(int.from_bytes(header[:3], "little"), socket.MSG_WAITALL)


def login(user: str, database: str = "", more: int = 0) -> bytes:
    """An answer to the greeting; without a password, as the administrator here has none."""
    wants = 1 << 9 | 1 << 15 | 1 << 19 | (1 << 3 if database else 0) | more
    said = struct.pack("<IIB", wants, 1 << 24, 45) + bytes(23) + user.encode() + b"\0\0"
    return said + (database.encode() + b"\0" if database else b"") + b"mysql_native_password\0"


def test_mysql_offers_nothing_that_hides_a_session(opened: Opened) -> None:
    with opened("mysql") as (_, path), connected(path) as client:
        number, greeting = read_packet(client)
        assert (number, greeting[0]) == (0, 10)
        low = greeting.index(b"\0", 1) + 14
        offered = int.from_bytes(greeting[low : low + 2] + greeting[low + 5 : low + 7], "little")
        assert offered & (1 << 11 | 1 << 5 | 1 << 26 | 1 << 7) == 0
        assert offered & 1 << 9


@pytest.mark.parametrize(
    "answer",
    [
        login("root"),
        login("root", "mysql"),
        login("mysql", "mysql"),
        login("USER", "mysql"),
        login("USER", "information_schema"),
        login(""),
        login("USERx"),
        login("USER", "USER", more=1 << 5),
        login("USER", "USER", more=1 << 26),
        login("USER", "USER", more=1 << 11),
        struct.pack("<IIB", 1 << 9 | 1 << 11, 1 << 24, 45) + bytes(23),  # a request for TLS
        struct.pack("<HI", 1 << 15, 1 << 24)[:5] + b"root\0\0" + bytes(40),  # the old protocol
        b"\x11root\0",
        b"x",
        b"\xff" * 200,
    ],
    ids=repr,
)
def test_mysql_is_opened_to_one_user_and_one_database(opened: Opened, answer: bytes) -> None:
    with opened("mysql") as (made, path), connected(path) as client:
        read_packet(client)
        client.sendall(packet(1, answer.replace(b"USER", made.name.encode())))
        said = heard(client)
        assert said == b"" or (said[4] == 0xFF and b"the gate refuses" in said), said
        assert works(made)


def test_mysql_does_not_take_a_second_login_behind_the_first(opened: Opened) -> None:
    with opened("mysql") as (made, path), connected(path) as client:
        read_packet(client)
        client.sendall(packet(1, login(made.name)) + packet(3, login("root")))
        said = heard(client)
        assert b"Access denied" in said
        assert works(made)


def raw_session(made: Throwaway) -> Any:
    url = sa.make_url(made.url)
    return pymysql.connect(
        unix_socket=str(url.query["unix_socket"]), user=url.username, password=str(url.password)
    )


@pytest.mark.parametrize(
    "command",
    [
        b"\x11root\0\0mysql\0",  # change the user
        b"\x12" + bytes(10),  # the binary log
        b"\x13" + bytes(10),  # a table's dump
        b"\x15" + bytes(17),  # register as a replica
        b"\x1e" + bytes(20),
        b"\x08\0",  # shut down
        b"\x07\x01",  # reload
        b"\x0c" + bytes(4),  # end another session
        b"\x0d",  # debug
        b"\x20",  # clone
        b"\xfa" + bytes(8),
        b"\xfe" + bytes(8),
        b"\x00",
        b"",
    ],
    ids=repr,
)
def test_a_session_of_mysql_is_kept_to_statements(opened: Opened, command: bytes) -> None:
    with opened("mysql") as (made, _):
        session = raw_session(made)
        session._sock.sendall(packet(0, command))
        assert b"the gate refuses this command" in heard(session._sock)
        session._force_close()
        assert works(made)


def test_a_command_of_mysql_does_not_hide_behind_another(opened: Opened) -> None:
    with opened("mysql") as (made, _):
        session = raw_session(made)
        session._sock.sendall(packet(0, b"\x03SELECT 1") + packet(0, b"\x11root\0\0mysql\0"))
        assert b"the gate refuses this command" in heard(session._sock)
        session._force_close()
        session = raw_session(made)
        # The rest of a command of more than 16 MB is not taken for a command, nor the other way
        full = b"\x03SELECT 1 -- " + b"x" * (0xFFFFFF - 13)
        sending = threading.Thread(
            target=lambda: session._sock.sendall(
                packet(0, full) + packet(1, b"\x11") + packet(0, b"\x11root\0\0mysql\0")
            )
        )
        sending.start()
        assert b"the gate refuses this command" in heard(session._sock)
        sending.join()
        session._force_close()
        assert works(made)


DENIED = {1044, 1045, 1142, 1227, 1290}
NO_LOCAL_FILES = {1148, 3948, 4166}  # of older servers, of MySQL, of MariaDB


def test_a_session_of_mysql_has_no_rights_elsewhere(opened: Opened, tmp_path: Path) -> None:
    local = tmp_path / "local"
    local.write_text("1\n")
    with opened("mysql") as (made, _):
        session = raw_session(made)
        session.select_db(made.name)
        with session.cursor() as cursor:
            cursor.execute("CREATE TABLE t (a int)")
            for statement in (
                "SELECT * FROM mysql.user",
                "USE mysql",
                "CREATE DATABASE bb_engines_other",
                "CREATE USER bb_engines_other",
                f"GRANT ALL ON *.* TO {made.name}@localhost",
                "SELECT 1 INTO OUTFILE '/tmp/out-of-the-gate'",
                "LOAD DATA INFILE '/etc/passwd' INTO TABLE t",
                f"LOAD DATA LOCAL INFILE '{local}' INTO TABLE t",
                "SET GLOBAL max_connections = 1",
                "SHOW BINARY LOGS",
                "CREATE FUNCTION f RETURNS STRING SONAME 'x.so'",
                f"CREATE TABLE `{made.name.replace('_', 'x')}`.t (a int)",
            ):
                with pytest.raises(pymysql.MySQLError) as told:
                    cursor.execute(statement)
                expected = NO_LOCAL_FILES if "LOCAL" in statement else DENIED
                assert told.value.args[0] in expected, (statement, told.value)
            cursor.execute("SELECT LOAD_FILE('/etc/passwd')")
            assert cursor.fetchall() == ((None,),)
        session.close()


# Floods


def test_what_says_nothing_is_cut_off(
    engines: Engines, db_type: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    narrow = Bounds(connections=3, login_seconds=0.5, idle_seconds=0.5, session_bytes=200_000)
    folder = tmp_path_factory.mktemp("g")
    with (
        engines_with(engines, narrow) as bounded,
        bounded.throwaway(db_type, folder, str(folder)) as made,
    ):
        (place,) = folder.iterdir()
        path = str(place / SOCKETS[db_type])
        silent = [connected(path) for _ in range(3)]
        # One more than there may be
        with connected(path) as one_more:
            assert heard(one_more) == b""
        started = time.monotonic()
        for client in silent:
            heard(client)
            client.close()
        assert time.monotonic() - started < 5
        assert works(made)
        url = sa.make_url(made.url).set(drivername=SYNC[db_type])
        engine = sa.create_engine(url, poolclass=NullPool)
        idle = engine.connect()
        idle.execute(sa.text("SELECT 1"))
        time.sleep(1.5)
        with pytest.raises(sa.exc.DBAPIError):
            idle.execute(sa.text("SELECT 1"))
        idle.invalidate()
        idle.close()
        with engine.connect() as greedy, pytest.raises(sa.exc.DBAPIError):
            greedy.execute(sa.text("SELECT repeat('x', 300000)")).all()
        assert works(made)


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
        deadline = time.monotonic() + 15
        while True:
            try:
                assert works(made)
            except sa.exc.OperationalError:
                assert time.monotonic() < deadline
                time.sleep(0.2)
            else:
                return


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
