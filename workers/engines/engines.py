"""The database servers that a process can try projects on."""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from common.errors import TransientError
from common.jobs.codes import ErrorCode
from workers.engines.address import Address, parse_address, usual_addresses
from workers.engines.dropping import Dropping
from workers.engines.gate import Bounds, Entry, Gates
from workers.engines.gate_folder import GateFolder
from workers.engines.mysql import MysqlServer
from workers.engines.mysql_entry import MysqlEntry
from workers.engines.names import is_left_over, new_name
from workers.engines.postgresql import PostgresqlServer
from workers.engines.postgresql_entry import PostgresqlEntry
from workers.engines.server import Credentials, EngineError, Server

OFF: Final = "none"
"""Instead of a URL: there is no such server, whatever may be found here."""

_CLOSING_SECONDS: Final = 12

log = logging.getLogger("backbone.engines")


@dataclass(frozen=True, slots=True)
class Throwaway:
    """A database for one use, behind a gate."""

    name: str
    url: str
    """How it is reached from where the gate's folder is seen; any driver understands it."""
    sessions: Callable[[], int]
    """How many logins there have been."""


class Engines:
    """PostgreSQL and MySQL (or MariaDB) servers, as far as there are any; a context manager.

    It connects when it is asked for something, so that it can be made before a fork.
    """

    def __init__(
        self,
        urls: Mapping[str, str | None],
        bounds: Bounds | None = None,
        *,
        clears: bool = True,
    ) -> None:
        """Take a URL for each of `postgresql` and `mysql`; None tries the usual local sockets.

        Where it `clears`, what dead processes left on a server is removed when that is found.
        """
        self._candidates = {name: _candidates(name, url) for name, url in urls.items()}
        self._servers: dict[str, Server] = {}
        self._refusals: dict[str, str] = {}
        self._clears = clears
        self._dropping = Dropping(_server)
        self._gates = Gates()
        self._bounds = bounds or Bounds()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def available(self) -> tuple[str, ...]:
        """The `db_type`s that there is a server for now."""
        return tuple(name for name in self._candidates if self.has(name))

    def has(self, db_type: str) -> bool:
        """Whether a server for `db_type` answers."""
        return self._find(db_type) is not None

    def refusal(self, db_type: str) -> str | None:
        """Why the server that was tried last for `db_type` is not used; None where none was."""
        return self._refusals.get(db_type)

    @contextlib.contextmanager
    def throwaway(self, db_type: str, outside: Path, inside: str) -> Iterator[Throwaway]:
        """An empty database, closed afterwards and dropped soon after that.

        The gate's socket is made within the folder `outside`, which those who use it see as
        `inside`. TransientError where the server is lost.
        """
        server = self._find(db_type)
        if server is None:
            raise TransientError(ErrorCode.ENGINE_LOST, f"The {db_type} server is gone.")
        with self._open(server, outside, inside) as made:
            yield made

    @contextlib.contextmanager
    def _open(self, server: Server, outside: Path, inside: str) -> Iterator[Throwaway]:
        db_type = server.db_type
        made = Credentials(new_name(), secrets.token_urlsafe(24))
        entry = _entry(db_type, made)
        place = secrets.token_urlsafe(16)  # whoever isn't told does not find it
        folder = outside / place
        with contextlib.ExitStack() as stack:
            stack.callback(self._dropping.add, server, made.name)
            try:
                server.create(made)
            except EngineError as error:
                raise TransientError(
                    ErrorCode.ENGINE_LOST, f"The {db_type} server: {error}"
                ) from error
            try:
                folder.mkdir()
                stack.callback(_remove, folder / entry.socket_name)
                folder.chmod(0o755)
                gate = self._gates.open(folder, entry, server.address.connect, self._bounds)
            except OSError as error:
                raise TransientError(
                    ErrorCode.ENGINE_LOST, f"No gate can be made: {error}"
                ) from error
            stack.callback(lambda: self._gates.run(gate.close()))
            url = entry.url(f"{inside}/{place}", made)
            yield Throwaway(made.name, url, lambda: gate.admitted)

    def settle(self) -> None:
        """Wait until all databases that were given back are gone."""
        self._dropping.settle()

    def close(self) -> None:
        """Drop what is left, as far as the servers do it soon, and disconnect from them."""
        if not self._dropping.settle(_CLOSING_SECONDS):
            log.warning("engine.left_over", extra={"reason": "the server takes too long"})
        for server in self._servers.values():
            server.close()
        self._servers.clear()
        self._gates.close()

    def _find(self, db_type: str) -> Server | None:
        """The server of a type, tried out when it is found."""
        known = self._servers.get(db_type)
        try:
            if known is not None:
                known.greet()
                return known
        except EngineError as error:
            log.warning("engine.lost", extra={"engine": db_type, "reason": str(error)})
            del self._servers[db_type]
        for address in self._candidates.get(db_type, ()):
            server = _server(db_type, address)
            try:
                what = server.greet()
                self._try_out(server)
            except (EngineError, TransientError, OSError) as error:
                log.info("engine.refused", extra={"engine": db_type, "reason": str(error)})
                self._refusals[db_type] = str(error)
                server.close()
                continue
            log.info("engine.found", extra={"engine": db_type, "server": what})
            self._refusals.pop(db_type, None)
            self._servers[db_type] = server
            if self._clears:
                self._clear(server)
            return server
        return None

    def _try_out(self, server: Server) -> None:
        """Log in to a throwaway: a server may let in nobody but its administrator."""
        folder = GateFolder()
        try:
            with self._open(server, folder.path, str(folder.path)) as made:
                server.log_in(made.url)
        finally:
            folder.close()

    def _clear(self, server: Server) -> None:
        """Remove what processes that are no more have left behind."""
        try:
            left_over = sorted(name for name in server.names() if is_left_over(name))
        except EngineError as error:
            log.warning("engine.lost", extra={"reason": str(error)})
            return
        for name in left_over:
            self._dropping.add(server, name)


def _candidates(db_type: str, url: str | None) -> tuple[Address, ...]:
    if url == OFF:
        return ()
    return (*usual_addresses(db_type),) if url is None else (parse_address(db_type, url),)


def _server(db_type: str, address: Address) -> Server:
    return PostgresqlServer(address) if db_type == "postgresql" else MysqlServer(address)


def _entry(db_type: str, made: Credentials) -> Entry:
    return PostgresqlEntry(made) if db_type == "postgresql" else MysqlEntry(made)


def _remove(socket: Path) -> None:
    with contextlib.suppress(OSError):
        socket.unlink(missing_ok=True)  # asyncio may have done it
    with contextlib.suppress(OSError):
        socket.parent.rmdir()
