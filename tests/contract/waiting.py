"""Who waits for a job, as tests see it: by what is asked of the watch, and by no clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from api.waiting import JobWatch

PATIENCE_SECONDS = 30
"""For what happens at once, on a machine that is busy or stands still for a while."""


async def eventually(condition: Callable[[], bool]) -> None:
    """Return as soon as it is so; TimeoutError if that takes longer than any machine needs."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)


async def waited_for(watch: JobWatch, job_id: str, count: int = 1) -> None:
    """Return when so many wait for the job, and what was worth a look because of that is seen."""
    await eventually(
        lambda: len(watch._waiting.get(job_id, ())) >= count and job_id not in watch._worth_a_look
    )


def note_waits(watch: JobWatch) -> list[tuple[str, float]]:
    """Who begins to wait from now on: for which job, and for how many seconds at most."""
    noted: list[tuple[str, float]] = []
    changed = watch.changed

    async def noting(job_id: str, revision: int, within_seconds: float) -> bool:
        noted.append((job_id, within_seconds))
        return await changed(job_id, revision, within_seconds)

    _put(watch, noting)
    return noted


def note_ends(watch: JobWatch) -> list[bool]:
    """Who has waited from now on: whether because of a change, or until the time was up."""
    noted: list[bool] = []
    changed = watch.changed

    async def noting(job_id: str, revision: int, within_seconds: float) -> bool:
        noted.append(await changed(job_id, revision, within_seconds))
        return noted[-1]

    _put(watch, noting)
    return noted


def _put(watch: Any, changed: Callable[[str, int, float], Awaitable[bool]]) -> None:
    watch.changed = changed
