"""The gate of a MySQL or MariaDB database, met by hostile clients."""

from __future__ import annotations

import socket
import struct
import threading
from pathlib import Path
from typing import Any

import pymysql
import pytest
import sqlalchemy as sa

from tests.contract.gate_guests import Opened, connected, heard, works
from workers.engines import Throwaway


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
