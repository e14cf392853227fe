"""Makes the jobs of a batch follow what its row says: cancelled, held or let go.

Whoever changes the row calls `follow`; beat calls `follow_all`, which ends what a process that died
had begun. Every step is one short transaction, so nobody else waits long, however many jobs there
are. It holds the batch's row, so no other step contradicts it, and passes over jobs that somebody
has at this instant, so it waits for nobody while it does.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, or_, select, update

from common.batches.batch import HeldReason, held_reason
from common.batches.finishing import Ended, note_ended
from common.clock import Clock
from common.db.engine import reading
from common.db.tables import batches, jobs
from common.errors import TransientError
from common.jobs.job import JobStatus
from common.jobs.lanes import Lane
from common.jobs.states import ended_waiting

AT_ONCE: Final = 500
"""Jobs that one transaction changes at most."""
_TRIES: Final = 40
_PAUSE_SECONDS: Final = 0.05

# In this order: one that runs costs somebody something until it hears of it
_UNFINISHED: Final = (JobStatus.RUNNING, JobStatus.QUEUED, JobStatus.DEFERRED)
_ASKED: Final = (
    batches.c.id,
    batches.c.paused_at,
    batches.c.cancel_requested_at,
    batches.c.max_cost_usd,
    batches.c.cost_usd,
)
_OPEN: Final = (batches.c.accepted_at.is_not(None), batches.c.finished_at.is_(None))


def follow(engine: Engine, clock: Clock, batch_id: str) -> None:
    """Have every job of the batch do what the batch's row says.

    Those that somebody has for two seconds on end are left to `follow_all`.
    """
    tries = 0
    while tries < _TRIES:
        if _step(engine, clock(), batch_id):
            continue
        if not _any_left(engine, batch_id):
            return
        tries += 1
        time.sleep(_PAUSE_SECONDS)


def follow_spent(engine: Engine, clock: Clock, batch_ids: Iterable[str]) -> None:
    """Hold the jobs of batches that have cost what they may, as `note_ended` says.

    What can't be done now is left to `follow_all`: none of the jobs is begun meanwhile.
    """
    for batch_id in batch_ids:
        with contextlib.suppress(TransientError):
            follow(engine, clock, batch_id)


def follow_all(engine: Engine, clock: Clock) -> None:
    """The same for every batch that is not finished."""
    with reading(engine).connect() as connection:
        unfinished = connection.execute(select(batches.c.id).where(*_OPEN)).scalars().all()
    for batch_id in unfinished:
        while _any_left(engine, batch_id) and _step(engine, clock(), batch_id):
            pass


def _step(engine: Engine, now: datetime, batch_id: str) -> int:
    """How many jobs were changed."""
    with engine.begin() as connection:
        row = connection.execute(
            select(*_ASKED)
            .where(batches.c.id == batch_id, *_OPEN)
            .with_for_update(key_share=True)  # not in the way of who refers to the row
        ).first()
        if row is None:
            return 0
        found = {status: list[str]() for status in _UNFINISHED}
        left = AT_ONCE
        for status in _UNFINISHED:
            found[status] = _lock_some(connection, row, status, left)
            left -= len(found[status])
        running = found.pop(JobStatus.RUNNING)
        if row.cancel_requested_at is not None:
            waiting = [job_id for ids in found.values() for job_id in ids]
            _cancel(connection, batch_id, running, waiting, now)
        else:
            others = running + found[JobStatus.DEFERRED]
            _move(connection, found[JobStatus.QUEUED], others, _held_reason(row))
        return AT_ONCE - left


def _lock_some(
    connection: Connection, row: Row[*tuple[Any, ...]], status: JobStatus, at_most: int
) -> list[str]:
    """The ids of jobs that have to follow; others than this transaction leave them alone now."""
    statement = (
        select(jobs.c.id)
        .where(*_differing(row, status))
        .limit(at_most)
        .with_for_update(skip_locked=True)
    )
    return list(connection.execute(statement).scalars())


def _any_left(engine: Engine, batch_id: str) -> bool:
    with reading(engine).connect() as connection:
        row = connection.execute(select(*_ASKED).where(batches.c.id == batch_id, *_OPEN)).first()
        if row is None:
            return False
        any_left = or_(*(and_(*_differing(row, status)) for status in _UNFINISHED))
        return connection.execute(select(jobs.c.id).where(any_left).limit(1)).first() is not None


def _held_reason(row: Row[*tuple[Any, ...]]) -> HeldReason | None:
    return held_reason(row.paused_at, row.cost_usd, row.max_cost_usd)


def _differing(row: Row[*tuple[Any, ...]], status: JobStatus) -> tuple[ColumnElement[bool], ...]:
    """Which jobs of this status are not yet as the batch's row has it."""
    of_batch = (jobs.c.batch_id == row.id, jobs.c.status == status.value)
    if row.cancel_requested_at is not None:
        if status is not JobStatus.RUNNING:
            return of_batch  # also one that was told while it ran, and came back to the queue
        return (*of_batch, jobs.c.cancel_requested_at.is_(None))
    held = _held_reason(row)
    misplaced = jobs.c.lane != _lane(held)
    if held is None or status is not JobStatus.QUEUED:
        return (*of_batch, misplaced)
    # One that was moved while it ran comes back to the queue without a reason
    return (*of_batch, or_(misplaced, jobs.c.deferred_reason.is_distinct_from(held.value)))


def _lane(held: HeldReason | None) -> Lane:
    return Lane.BATCH if held is None else Lane.HELD


def _cancel(
    connection: Connection,
    batch_id: str,
    running: Sequence[str],
    waiting: Sequence[str],
    now: datetime,
) -> None:
    """Tell the workers of those that run; end the others."""
    told = {"cancel_requested_at": now, "revision": jobs.c.revision + 1}
    if running:
        connection.execute(update(jobs).where(jobs.c.id.in_(running)).values(told))
    if waiting:
        connection.execute(
            update(jobs).where(jobs.c.id.in_(waiting)).values(told | ended_waiting(now))
        )
        # What the batch has cost does not matter any more
        note_ended(
            connection, [Ended(batch_id, JobStatus.CANCELLED, job_id) for job_id in waiting], now
        )


def _move(
    connection: Connection,
    queued: Sequence[str],
    others: Sequence[str],
    held: HeldReason | None,
) -> None:
    """To the lane of held ones, or back. A message that is on its way finds nothing to claim."""
    lane = _lane(held)
    if others:  # if one of them comes back to the queue, it is held there
        connection.execute(update(jobs).where(jobs.c.id.in_(others)).values(lane=lane))
    if queued:
        connection.execute(
            update(jobs)
            .where(jobs.c.id.in_(queued))
            .values(
                lane=lane,
                deferred_reason=None if held is None else held.value,
                revision=jobs.c.revision + 1,
                sent_at=None,
                send_count=0,
            )
        )
