"""A few threads that serve short blocking calls, all that wait at a moment in one go.

What stands before every request (credential, rate, looking the job up) blocks for some tens of
microseconds. Handing each such call to a thread of the big pool, and its outcome back, costs more
than the call itself, because every time the interpreter's lock has to change hands. Here calls that
wait together go to one thread together, and come back together.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

Outcome = TypeVar("Outcome")

_THREADS: Final = 4
_AT_ONCE: Final = 8  # one that is slow after all delays few others

_Future = asyncio.Future[Any]
_Call = tuple[asyncio.AbstractEventLoop, _Future, Callable[[], Any]]


class Desk:
    """Runs functions that block shortly. What may take long belongs into the thread pool."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    async def call(self, function: Callable[[], Outcome]) -> Outcome:
        """What `function` returns or raises."""
        if not self._threads:
            self._start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()
        self._calls.put((loop, future, function))
        return await future

    def stop(self) -> None:
        """End the threads, after what was handed in before."""
        for _ in self._threads:
            self._calls.put(None)
        for thread in self._threads:
            thread.join(timeout=2)
        self._threads = []

    def _start(self) -> None:
        self._threads = [
            threading.Thread(target=self._serve, name=f"desk-{number}", daemon=True)
            for number in range(_THREADS)
        ]
        for thread in self._threads:
            thread.start()

    def _serve(self) -> None:
        while True:
            call = self._calls.get()
            done: list[tuple[_Future, Any, BaseException | None]] = []
            loop: asyncio.AbstractEventLoop | None = None
            while call is not None:
                loop, future, function = call
                try:
                    done.append((future, function(), None))
                except Exception as error:  # noqa: BLE001 - it belongs to the one who called
                    done.append((future, None, error))
                if len(done) == _AT_ONCE:
                    break
                try:
                    call = self._calls.get_nowait()
                except Empty:
                    break
            if loop is not None:
                loop.call_soon_threadsafe(_settle, done)
            if call is None:
                return


def _settle(done: list[tuple[_Future, Any, BaseException | None]]) -> None:
    for future, outcome, error in done:
        if future.done():  # the caller left
            continue
        if error is None:
            future.set_result(outcome)
        else:
            future.set_exception(error)
