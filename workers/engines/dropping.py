"""Databases that were given back are dropped one after the other, while nobody waits."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

from workers.engines.address import Address
from workers.engines.server import EngineError, Server

log = logging.getLogger("backbone.engines")


class Dropping:
    """The thread for it, with connections of its own; it begins with the first.

    PostgreSQL writes down all that it has in memory before it drops a database. A server that
    answers no more holds up the thread, but no end of the process.
    """

    def __init__(self, connect: Callable[[str, Address], Server]) -> None:
        self._connect = connect
        self._waiting: queue.SimpleQueue[tuple[Server, str] | threading.Event] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def add(self, server: Server, name: str) -> None:
        """Drop a database soon."""
        self._tell((server, name))

    def settle(self, seconds: float | None = None) -> bool:
        """Wait until all that was added is dropped; whether it is."""
        if self._thread is None:
            return True
        done = threading.Event()
        self._tell(done)
        return done.wait(seconds)

    def _tell(self, what: tuple[Server, str] | threading.Event) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="dropping", daemon=True)
            self._thread.start()
        self._waiting.put(what)

    def _run(self) -> None:
        own: dict[Address, Server] = {}
        while True:
            what = self._waiting.get()
            if isinstance(what, threading.Event):
                for server in own.values():
                    server.close()
                what.set()
                continue
            server, name = what
            if server.address not in own:
                own[server.address] = self._connect(server.db_type, server.address)
            _drop(own[server.address], name)


def _drop(server: Server, name: str) -> None:
    """Drop a database; where the server refuses, the next process to start does it."""
    try:
        server.drop(name)
    except EngineError as error:
        log.warning("engine.left_over", extra={"database": name, "reason": str(error)})
