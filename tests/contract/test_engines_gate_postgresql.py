"""The gate of a PostgreSQL database, met by hostile clients."""

from __future__ import annotations

import socket
import struct

import psycopg
import pytest

from tests.contract.gate_guests import Opened, connected, heard, works


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
