"""Where jobs stand in the queue and how long they may still take: an estimate, a second old."""

from __future__ import annotations

import heapq
import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, bindparam, null, select

from common.clock import Clock, monotonic
from common.db.engine import reading
from common.db.tables import jobs
from common.jobs.job import Job, JobStatus, Stage
from common.jobs.stage_times import Sample, StageTimes
from common.jobs.turns import expected_order, find_under_way

KNOWN: Final = 100
"""So many places are known; who stands further back is told nothing."""
_RECENT: Final = 50
_FRESH_SECONDS: Final = 1.0
_NO_LIMIT: Final = 1_000_000

_SIZES: Final = select(jobs.c.id, jobs.c.table_count, jobs.c.verify_level).where(
    jobs.c.id.in_(bindparam("ids", expanding=True))
)
_RUNNING: Final = select(
    jobs.c.id,
    jobs.c.stage,
    jobs.c.stage_started_at,
    jobs.c.attempts,
    jobs.c.table_count,
    jobs.c.verify_level,
).where(jobs.c.lease_expires_at.is_not(None))
_LATEST: Final = (
    select(
        jobs.c.table_count,
        jobs.c.verify_level,
        jobs.c.stage_seconds,
        jobs.c.verification.is_not(null()).label("complete"),
    )
    .where(jobs.c.finished_at.is_not(None))
    .order_by(jobs.c.finished_at.desc())
    .limit(_RECENT)
)


@dataclass(frozen=True, slots=True)
class _Run:
    """A job that runs: what each of its stages should take, and where it is."""

    expected: Mapping[Stage, float]
    stage: Stage | None
    since: datetime
    """When the stage began; while it is unknown, when the attempt did"""

    def left_seconds(self, now: datetime) -> float | None:
        """How long it may still take; None while nothing is known of such jobs."""
        if not self.expected:
            return None
        spent = max(0.0, (now - self.since).total_seconds())
        if self.stage is None:
            return max(0.0, sum(self.expected.values()) - spent)
        order = list(Stage)
        to_come = order[order.index(self.stage) + 1 :]
        here = max(0.0, self.expected.get(self.stage, 0.0) - spent)
        return here + sum(self.expected.get(stage, 0.0) for stage in to_come)


@dataclass(frozen=True, slots=True)
class _Queue:
    """The queue as it was at one moment."""

    positions: dict[str, int] = field(default_factory=dict)
    """Counted from 1, by the job's id"""
    waits: dict[str, float] = field(default_factory=dict)
    """Seconds from then until the job has ended, by its id, as far as that can be told"""
    expected: dict[str, dict[Stage, float]] = field(default_factory=dict)
    """What the stages of a job that waited then should take, by its id"""
    running: dict[str, _Run] = field(default_factory=dict)
    times: StageTimes = field(default_factory=lambda: StageTimes(()))


class Places:
    """Adds its place in the queue to a job that waits, and an estimate to one that runs.

    The queue is read at most once a second, however many jobs are asked about. `slots` is how many
    jobs run at a time, as far as is known. A job that is held stands in no queue.
    """

    def __init__(
        self, engine: Engine, clock: Clock, *, slots: int, max_running_per_caller: int | None = None
    ) -> None:
        self._reader = reading(engine)
        self._clock = clock
        self._slots = slots
        self._most = max_running_per_caller or _NO_LIMIT
        self._lock = threading.Lock()
        self._read_at: float | None = None
        self._queue = _Queue()

    def placed(self, job: Job) -> Job:
        """The job with `queue_position` and `eta_seconds`, where these are known."""
        if job.status is JobStatus.QUEUED:
            queue = self._current()
            wait = queue.waits.get(job.id)
            return replace(
                job,
                queue_position=queue.positions.get(job.id),
                eta_seconds=None if wait is None else _whole(wait),
            )
        if job.status is JobStatus.RUNNING and job.attempts:
            queue = self._current()
            run = queue.running.get(job.id) or _Run(
                queue.expected.get(job.id) or queue.times.expected(None, None),
                None,
                job.attempts[-1].started_at,
            )
            left = run.left_seconds(self._clock())
            return replace(job, eta_seconds=None if left is None else _whole(left))
        return job

    def _current(self) -> _Queue:
        if self._stale():
            with self._lock:
                if self._stale():
                    with self._reader.connect() as connection:
                        self._queue = self._read(connection, self._clock())
                    self._read_at = monotonic()
        return self._queue

    def _stale(self) -> bool:
        return self._read_at is None or monotonic() - self._read_at > _FRESH_SECONDS

    def _read(self, connection: Connection, now: datetime) -> _Queue:
        order = expected_order(connection, find_under_way(connection), KNOWN, self._most)
        times = StageTimes([_sample(row) for row in connection.execute(_LATEST) if row.complete])
        expected = {
            row.id: times.expected(row.table_count, row.verify_level)
            for row in connection.execute(_SIZES, {"ids": order})
        }
        running = {row.id: _run(row, times) for row in connection.execute(_RUNNING)}
        lefts = [run.left_seconds(now) for run in running.values()]
        return _Queue(
            positions={job_id: number for number, job_id in enumerate(order, start=1)},
            waits=_waits(order, expected, lefts, self._slots),
            expected=expected,
            running=running,
            times=times,
        )


def _waits(
    order: list[str],
    expected: Mapping[str, Mapping[Stage, float]],
    running: list[float | None],
    slots: int,
) -> dict[str, float]:
    """When each job will have ended if every place takes the next one as soon as it is free."""
    free = [left or 0.0 for left in running]
    free += [0.0] * (slots - len(free))
    heapq.heapify(free)
    waits = {}
    for job_id in order:
        stages = expected.get(job_id)
        if not stages:  # nothing has ended so far
            break
        waits[job_id] = heapq.heappop(free) + sum(stages.values())
        heapq.heappush(free, waits[job_id])
    return waits


def _whole(seconds: float) -> int:
    return max(1, math.ceil(seconds))


def _sample(row: Any) -> Sample:  # noqa: ANN401 - a Row
    seconds = {Stage(name): value for name, value in (row.stage_seconds or {}).items()}
    return Sample(row.table_count, row.verify_level, seconds)


def _run(row: Any, times: StageTimes) -> _Run:  # noqa: ANN401 - a Row
    stage = Stage(row.stage) if row.stage else None
    started_at = datetime.fromisoformat(row.attempts[-1]["started_at"])
    since = row.stage_started_at if stage and row.stage_started_at else started_at
    return _Run(times.expected(row.table_count, row.verify_level), stage, since)
