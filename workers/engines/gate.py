"""The gate: a Unix socket in front of a database server that lets one user in, to one database.

Generated code in the sandbox reaches nothing but gates. Behind one, the server believes whoever
comes over its own socket; so the gate reads how a session begins, and passes on that of the
throwaway user alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TypeVar

from workers.engines.address import Streams
from workers.engines.server import MOST_CONNECTIONS, Credentials

_CHUNK: Final = 64 * 1024
_CLOSING_SECONDS: Final = 5

Answer = TypeVar("Answer")


class RefusedError(Exception):
    """A session that is not let in, or not any further. `farewell` is what its client is told."""

    def __init__(self, reason: str, farewell: bytes = b"") -> None:
        super().__init__(reason)
        self.farewell = farewell


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a server one gate may use."""

    connections: int = MOST_CONNECTIONS
    """At a time."""
    login_seconds: float = 10
    """From the first byte to the end of the login."""
    idle_seconds: float = 120
    """Without a byte in either direction."""
    session_bytes: int = 1 << 30
    """Of one session, both directions together."""


@dataclass(slots=True)
class Side:
    """One end of a session."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, content: bytes) -> None:
        """Pass bytes on, no faster than they are taken."""
        self.writer.write(content)
        await self.writer.drain()


class Meter(Protocol):
    """Counts what a session carries."""

    def count(self, size: int) -> None:
        """RefusedError where it is too much."""


class Entry(Protocol):
    """How a session of one protocol begins, and what its client may say afterwards."""

    socket_name: str
    """What drivers expect the socket to be called."""

    async def let_in(self, guest: Side, connect: Callable[[], Awaitable[Side]]) -> Side:
        """Read the login and pass it on over a new connection; RefusedError for any other."""

    async def pass_on(self, guest: Side, server: Side, meter: Meter) -> None:
        """Carry what the client says to the server until it ends; RefusedError as above."""

    def url(self, folder: str, made: Credentials) -> str:
        """The URL of the database behind a gate whose socket is in `folder`."""


class Gates:
    """The thread that all gates of a process run in; it begins with the first."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(
        self, folder: Path, entry: Entry, connect: Callable[[], Awaitable[Streams]], bounds: Bounds
    ) -> Gate:
        """A gate whose socket is in `folder`; `connect` reaches the server."""
        gate = Gate(entry, connect, bounds)
        socket = folder / entry.socket_name
        self.run(gate.open(socket))
        socket.chmod(0o666)  # those in the sandbox may be another user
        return gate

    def run(self, work: Awaitable[Answer]) -> Answer:
        """Have the thread do something, and wait for it."""

        async def done() -> Answer:
            return await work

        return asyncio.run_coroutine_threadsafe(done(), self._running()).result()

    def close(self) -> None:
        """End the thread; every gate has been closed."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop = None

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=_serve, args=(self._loop,), name="gates", daemon=True).start()
        return self._loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()


@dataclass
class Gate:
    """One gate. All of it runs in the thread of the gates."""

    entry: Entry
    connect: Callable[[], Awaitable[Streams]]
    bounds: Bounds
    admitted: int = 0
    """How many sessions were."""
    refused: list[str] = field(default_factory=list)
    """Why sessions were refused; the first hundred."""
    _sessions: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def open(self, path: Path) -> None:
        """Listen."""
        self._server = await asyncio.start_unix_server(self._meet, path)

    async def close(self) -> None:
        """Stop listening and cut every session."""
        if self._server is not None:
            self._server.close()
        for session in self._sessions:
            session.cancel()
        if self._sessions:
            await asyncio.wait(self._sessions, timeout=_CLOSING_SECONDS)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = asyncio.current_task()
        assert session is not None  # noqa: S101 - asyncio calls this in a task
        if len(self._sessions) >= self.bounds.connections:
            self._note("too many connections")
            writer.transport.abort()
            return
        self._sessions.add(session)
        guest = Side(reader, writer)
        try:
            await self._carry(guest)
        except RefusedError as error:
            self._note(str(error))
            with contextlib.suppress(OSError):
                writer.write(error.farewell)
        except TimeoutError:
            self._note("a login that takes too long")
        except (OSError, asyncio.IncompleteReadError):
            pass  # either end is gone
        except asyncio.CancelledError:
            pass  # the gate closes
        finally:
            self._sessions.discard(session)
            writer.close()

    async def _carry(self, guest: Side) -> None:
        opened: list[Side] = []

        async def connect() -> Side:
            opened.append(Side(*await self.connect()))
            return opened[0]

        try:
            async with asyncio.timeout(self.bounds.login_seconds):
                server = await self.entry.let_in(guest, connect)
            self.admitted += 1
            await self._relay(guest, server)
        finally:
            for side in opened:
                side.writer.close()

    async def _relay(self, guest: Side, server: Side) -> None:
        meter = _SessionMeter(self.bounds.session_bytes)
        ways = {
            asyncio.ensure_future(self.entry.pass_on(guest, server, meter)),
            asyncio.ensure_future(copy(server, guest, meter)),
        }
        try:
            done: set[asyncio.Future[None]] = set()
            while not done:
                before = meter.total
                done, _ = await asyncio.wait(
                    ways, timeout=self.bounds.idle_seconds, return_when=asyncio.FIRST_COMPLETED
                )
                if not done and meter.total == before:
                    raise RefusedError("a session that says nothing")
            for way in done:
                way.result()
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    def _note(self, reason: str) -> None:
        if len(self.refused) < 100:  # noqa: PLR2004 - enough to tell what happened
            self.refused.append(reason)


class _SessionMeter:
    def __init__(self, most: int) -> None:
        self.total = 0
        self._most = most

    def count(self, size: int) -> None:
        self.total += size
        if self.total > self._most:
            raise RefusedError("a session that carries too much")


async def copy(source: Side, target: Side, meter: Meter) -> None:
    """Carry bytes one way until there are no more."""
    while chunk := await source.reader.read(_CHUNK):
        meter.count(len(chunk))
        await target.send(chunk)
