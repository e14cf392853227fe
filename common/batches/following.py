"""Makes the jobs of a batch follow what its row says: cancelled, held or let go.

Whoever changes the row calls `follow`; beat calls `follow_all`, which ends what a process that died
had begun. Every step is one short transaction, so nobody else waits long, however many jobs there
are. It holds the batch's row, so no other step contradicts it, and passes over jobs that somebody
has at this instant, so it waits for nobody while it does.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, Row, select, update

from common.batches.batch import HeldReason
from common.batches.finishing import Ended, note_ended
from common.clock import Clock
from common.db.engine import reading
from common.db.tables import batches, jobs
from common.jobs.job import FINISHED, JobStatus
from common.jobs.lanes import Lane

AT_ONCE: Final = 500
"""Jobs that one transaction changes at most."""
_TRIES: Final = 40
_PAUSE_SECONDS: Final = 0.05

_UNFINISHED: Final = tuple(status.value for status in JobStatus if status not in FINISHED)
_WISHES: Final = (
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
            select(*_WISHES)
            .where(batches.c.id == batch_id, *_OPEN)
            .with_for_update(key_share=True)  # not in the way of who refers to the row
        ).first()
        if row is None:
            return 0
        found = connection.execute(
            select(jobs.c.id, jobs.c.status)
            .where(*_differing(row))
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        if row.cancel_requested_at is not None:
            _cancel(connection, batch_id, found, now)
        else:
            _move(connection, found, _held_reason(row))
        return len(found)


def _any_left(engine: Engine, batch_id: str) -> bool:
    with reading(engine).connect() as connection:
        row = connection.execute(select(*_WISHES).where(batches.c.id == batch_id, *_OPEN)).first()
        if row is None:
            return False
        left = select(jobs.c.id).where(*_differing(row)).limit(1)
        return connection.execute(left).first() is not None


def _held_reason(row: Row[*tuple[Any, ...]]) -> HeldReason | None:
    if row.max_cost_usd is not None and row.cost_usd >= row.max_cost_usd:
        return HeldReason.MAX_COST
    return None if row.paused_at is None else HeldReason.PAUSED


def _differing(row: Row[*tuple[Any, ...]]) -> tuple[ColumnElement[bool], ...]:
    """Which jobs are not yet as the batch's row has it."""
    of_batch = (jobs.c.batch_id == row.id, jobs.c.status.in_(_UNFINISHED))
    if row.cancel_requested_at is not None:
        return (*of_batch, jobs.c.cancel_requested_at.is_(None))
    lane = Lane.BATCH if _held_reason(row) is None else Lane.HELD
    return (*of_batch, jobs.c.lane != lane)


def _cancel(
    connection: Connection, batch_id: str, found: Sequence[Row[*tuple[Any, ...]]], now: datetime
) -> None:
    """End those that wait; tell the workers of the others."""
    running = [row.id for row in found if row.status == JobStatus.RUNNING.value]
    waiting = [row.id for row in found if row.status != JobStatus.RUNNING.value]
    wish = {"cancel_requested_at": now, "revision": jobs.c.revision + 1}
    if running:
        connection.execute(update(jobs).where(jobs.c.id.in_(running)).values(**wish))
    if waiting:
        connection.execute(
            update(jobs)
            .where(jobs.c.id.in_(waiting))
            .values(
                **wish,
                status=JobStatus.CANCELLED.value,
                finished_at=now,
                sent_at=None,
                start_by=None,
                deferred_until=None,
                deferred_reason=None,
            )
        )
        note_ended(
            connection, [Ended(batch_id, JobStatus.CANCELLED, job_id) for job_id in waiting], now
        )


def _move(
    connection: Connection, found: Sequence[Row[*tuple[Any, ...]]], held: HeldReason | None
) -> None:
    """To the lane of held ones, or back. A message that is on its way finds nothing to claim."""
    lane = Lane.BATCH if held is None else Lane.HELD
    queued = [row.id for row in found if row.status == JobStatus.QUEUED.value]
    others = [row.id for row in found if row.status != JobStatus.QUEUED.value]
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
