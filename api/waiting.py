"""Requests that wait for a job to change, without holding a thread each.

All of them share one look at the database, a few times a second. It finds a change whichever
process made it, and nothing looks while nobody waits.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Final

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from common.errors import BackboneError

_log = logging.getLogger("backbone.waiting")

_LOOK_EVERY_SECONDS: Final = 0.1


class JobWatch:
    """Wakes those who wait for a job; belongs to one event loop."""

    def __init__(
        self,
        read_revisions: Callable[[Collection[str]], dict[str, int]],
        *,
        every_seconds: float = _LOOK_EVERY_SECONDS,
    ) -> None:
        self._read_revisions = read_revisions
        self._every_seconds = every_seconds
        self._waiting: dict[str, set[tuple[int, asyncio.Event]]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._own_thread: CapacityLimiter | None = None

    async def changed(self, job_id: str, revision: int, within_seconds: float) -> bool:
        """Wait until the job has another revision than `revision`, or is gone; False if neither."""
        entry = (revision, asyncio.Event())
        self._waiting.setdefault(job_id, set()).add(entry)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look())
        try:
            await asyncio.wait_for(entry[1].wait(), within_seconds)
        except TimeoutError:
            return False
        finally:
            entries = self._waiting[job_id]
            entries.discard(entry)
            if not entries:
                del self._waiting[job_id]
        return True

    async def _look(self) -> None:
        # A thread of its own: a pool that is busy with requests must not keep the waiting ones.
        self._own_thread = self._own_thread or CapacityLimiter(1)
        while True:
            await asyncio.sleep(self._every_seconds)
            if not self._waiting:
                return
            wanted = list(self._waiting)
            try:
                revisions = await run_sync(self._read_revisions, wanted, limiter=self._own_thread)
            except BackboneError as error:
                _log.warning("waiting.blind", extra={"reason": str(error)})
                continue
            for job_id in wanted:
                current = revisions.get(job_id)
                for revision, event in self._waiting.get(job_id, ()):
                    if revision != current:
                        event.set()
