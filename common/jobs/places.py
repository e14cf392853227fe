"""Where jobs stand in the queue and how long they may still take: an estimate, a second old."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, select

from common.clock import Clock, monotonic
from common.db.engine import reading
from common.db.tables import jobs
from common.jobs.job import Job, JobStatus
from common.jobs.turns import next_jobs

KNOWN: Final = 100
"""So many places are known; who stands further back is told nothing."""
_RECENT: Final = 20
_FRESH_SECONDS: Final = 1.0

_SENT: Final = select(jobs.c.id).where(jobs.c.sent_at.is_not(None)).order_by(jobs.c.sent_at)
_DURATIONS: Final = (
    select(jobs.c.started_at, jobs.c.finished_at)
    .where(jobs.c.finished_at.is_not(None))
    .order_by(jobs.c.finished_at.desc())
    .limit(_RECENT)
)


@dataclass(frozen=True, slots=True)
class _Queue:
    """The queue as it was at one moment."""

    positions: dict[str, int]
    """Counted from 1, by the job's id"""
    typical_seconds: float | None
    """How long the latest jobs ran; None while none has"""


class Places:
    """Adds its place in the queue to a job that waits, and an estimate to one that runs.

    The queue is read at most once a second, however many jobs are asked about. `slots` is how many
    jobs run at a time, as far as is known.
    """

    def __init__(self, engine: Engine, clock: Clock, *, slots: int) -> None:
        self._reader = reading(engine)
        self._clock = clock
        self._slots = slots
        self._lock = threading.Lock()
        self._read_at: float | None = None
        self._queue = _Queue({}, None)

    def placed(self, job: Job) -> Job:
        """The job with `queue_position` and `eta_seconds`, where these are known."""
        if job.status is JobStatus.QUEUED:
            queue = self._current()
            position = queue.positions.get(job.id)
            return replace(job, queue_position=position, eta_seconds=self._wait(queue, position))
        if job.status is JobStatus.RUNNING and job.attempts:
            typical = self._current().typical_seconds
            if typical is not None:
                ran = (self._clock() - job.attempts[-1].started_at).total_seconds()
                return replace(job, eta_seconds=max(1, math.ceil(typical - ran)))
        return job

    def _wait(self, queue: _Queue, position: int | None) -> int | None:
        if position is None or queue.typical_seconds is None:
            return None
        rounds = math.ceil(position / self._slots)
        return max(1, math.ceil(rounds * queue.typical_seconds))

    def _current(self) -> _Queue:
        if self._read_at is None or monotonic() - self._read_at > _FRESH_SECONDS:
            with self._lock:
                if self._read_at is None or monotonic() - self._read_at > _FRESH_SECONDS:
                    with self._reader.connect() as connection:
                        self._queue = _read(connection, self._clock())
                    self._read_at = monotonic()
        return self._queue


def _read(connection: Connection, now: datetime) -> _Queue:
    ahead = list(connection.execute(_SENT).scalars())
    ahead += [job_id for _, job_id in next_jobs(connection, max(0, KNOWN - len(ahead)), now)]
    ran = [
        (row.finished_at - row.started_at).total_seconds()
        for row in connection.execute(_DURATIONS)
        if row.started_at is not None
    ]
    positions = {job_id: number for number, job_id in enumerate(ahead[:KNOWN], start=1)}
    return _Queue(positions, sum(ran) / len(ran) if ran else None)
