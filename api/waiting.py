"""Requests that wait for a job to change, without holding a thread each.

All of them share one look at the database. It finds a change whichever process made it, and nothing
looks while nobody waits. Who hears of changes looks at what has changed, and at all of it only now
and then; who does not looks at all of it several times a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Callable, Collection
from typing import Final, Protocol

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from common.clock import monotonic
from common.errors import BackboneError

_log = logging.getLogger("backbone.waiting")

_LOOK_EVERY_SECONDS: Final = 0.1
_HEARING_LOOK_EVERY_SECONDS: Final = 1.0
_BREATH_SECONDS: Final = 0.02
"""Between two looks at least, however much is heard of."""
_KEEP_HEARING_SECONDS: Final = 5.0
"""After the last one has gone: most come back with the next poll."""


class Ear(Protocol):
    """Hears the ids of jobs that changed."""

    hears: bool

    def open(self, hear: Callable[[str], None], turned: Callable[[], None]) -> None:
        """Begin to listen; `turned` is called when `hears` has changed."""

    async def close(self) -> None:
        """Listen no longer."""


class JobWatch:
    """Wakes those who wait for a job; belongs to one event loop."""

    def __init__(
        self,
        read_revisions: Callable[[Collection[str]], dict[str, int]],
        *,
        ear: Ear | None = None,
        every_seconds: float = _LOOK_EVERY_SECONDS,
        hearing_every_seconds: float = _HEARING_LOOK_EVERY_SECONDS,
        keep_hearing_seconds: float = _KEEP_HEARING_SECONDS,
    ) -> None:
        self._read_revisions = read_revisions
        self._ear = ear
        self._every_seconds = every_seconds
        self._hearing_every_seconds = hearing_every_seconds
        self._keep_hearing_seconds = keep_hearing_seconds
        self._waiting: dict[str, set[tuple[int, asyncio.Event]]] = {}
        self._worth_a_look: set[str] = set()
        self._news = asyncio.Event()
        self._looked_at = 0.0
        self._waited_at = 0.0
        self._looking: asyncio.Task[None] | None = None
        self._own_thread: CapacityLimiter | None = None

    async def changed(self, job_id: str, revision: int, within_seconds: float) -> bool:
        """Wait until the job has another revision than `revision`, or is gone; False if neither."""
        entry = (revision, asyncio.Event())
        self._waiting.setdefault(job_id, set()).add(entry)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look())
        if self._ear is not None and self._ear.hears:
            self._hear(job_id)  # it may have changed since it was read, and been told of
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

    async def stop(self) -> None:
        """Look and listen no longer."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    def _hear(self, job_id: str) -> None:
        if job_id in self._waiting:
            self._worth_a_look.add(job_id)
            self._news.set()

    def _turn(self) -> None:
        """What was told of before it began to hear, or since it does no longer, was not heard."""
        self._looked_at = -math.inf
        self._news.set()

    async def _look(self) -> None:
        # A thread of its own: a pool that is busy with requests must not keep the waiting ones.
        self._own_thread = self._own_thread or CapacityLimiter(1)
        while self._waiting:  # also those who came while the ear was being closed
            self._looked_at = monotonic()
            if self._ear is not None:
                self._ear.open(self._hear, self._turn)
            try:
                while self._wanted():
                    await self._look_when_worth_it()
            finally:
                if self._ear is not None:
                    await self._ear.close()

    def _wanted(self) -> bool:
        if self._waiting:
            self._waited_at = monotonic()
            return True
        keep = self._keep_hearing_seconds if self._ear is not None else 0
        return monotonic() - self._waited_at < keep

    async def _look_when_worth_it(self) -> None:
        hears = self._ear is not None and self._ear.hears
        every = self._hearing_every_seconds if hears else self._every_seconds
        with contextlib.suppress(TimeoutError):
            left = self._looked_at + every - monotonic()
            await asyncio.wait_for(self._news.wait(), max(left, _BREATH_SECONDS))
        self._news.clear()
        heard, self._worth_a_look = self._worth_a_look, set()
        if monotonic() - self._looked_at >= every:
            self._looked_at = monotonic()
            await self._look_at(list(self._waiting))
        else:
            await self._look_at([job_id for job_id in heard if job_id in self._waiting])

    async def _look_at(self, job_ids: list[str]) -> None:
        if not job_ids:
            return
        try:
            revisions = await run_sync(self._read_revisions, job_ids, limiter=self._own_thread)
        except BackboneError as error:
            _log.warning("waiting.blind", extra={"reason": str(error)})
            return
        for job_id in job_ids:
            current = revisions.get(job_id)
            for revision, event in self._waiting.get(job_id, ()):
                if revision != current:
                    event.set()
        await asyncio.sleep(_BREATH_SECONDS)
