"""Records jobs: one thread and one transaction for all that wait at a moment.

A commit that survives a power cut waits for the disk, and only one can be made at a time. Requests
that come while one is under way share the next; a request that comes alone waits for nobody. No
thread of the pool is held meanwhile.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Final

from common.errors import TransientError
from common.jobs.new_job import NewJob, Submitted

_AT_ONCE: Final = 100

_Future = asyncio.Future[Submitted]
_Entry = tuple[NewJob, asyncio.AbstractEventLoop, _Future]


class Recorder:
    """Makes few transactions of many submits."""

    def __init__(
        self,
        submit_all: Callable[[Sequence[NewJob]], list[Submitted | Exception]],
        recorded: Callable[[], None],
    ) -> None:
        """`recorded` is called after each commit; it must return at once."""
        self._submit_all = submit_all
        self._recorded = recorded
        self._entries: list[_Entry] = []
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopping = False

    async def submit(self, new: NewJob) -> Submitted:
        """The job, once it is durable; what JobStore.submit raises."""
        loop = asyncio.get_running_loop()
        future: _Future = loop.create_future()
        with self._condition:
            if self._stopping:
                raise TransientError("stopping", "This process is about to stop.")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
                self._thread.start()
            self._entries.append((new, loop, future))
            self._condition.notify()
        return await future

    def stop(self, within_seconds: float = 5) -> None:
        """Record what was handed in, then end."""
        with self._condition:
            self._stopping = True
            self._condition.notify()
        if self._thread is not None:
            self._thread.join(within_seconds)

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._entries:
                    if self._stopping:
                        return
                    self._condition.wait()
                batch, self._entries = self._entries[:_AT_ONCE], self._entries[_AT_ONCE:]
            self._record(batch)

    def _record(self, batch: list[_Entry]) -> None:
        outcomes: Sequence[Submitted | Exception]
        try:
            outcomes = self._submit_all([new for new, _, _ in batch])
        except Exception as error:  # noqa: BLE001 - it belongs to the requests, not to this thread
            outcomes = [error] * len(batch)
        else:
            self._recorded()
        for (_, loop, future), outcome in zip(batch, outcomes, strict=True):
            loop.call_soon_threadsafe(_settle, future, outcome)


def _settle(future: _Future, outcome: Submitted | Exception) -> None:
    if future.done():  # the caller left
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
