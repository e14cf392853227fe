"""The part of "a job ends" that concerns its batch.

Whoever ends jobs calls `note_ended`, in the same transaction.
The batch's row is locked from here to the commit, so the numbers that lines get rise in the order
of the commits: whoever has read up to a number has missed nothing. Locks are waited for in one
order (jobs, then batches by id, then lines), so no two transactions wait for each other.
`following` has the batch first, and then takes only jobs that nobody has; so does the acceptance of
a batch, whose jobs are nobody else's yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, and_, case, func, literal, or_, select, update

from common.db.tables import Moment, batch_lines, batches, jobs
from common.jobs.job import JobStatus

_COUNTED_IN: Final = {
    JobStatus.SUCCEEDED: batches.c.succeeded_count,
    JobStatus.FAILED: batches.c.failed_count,
    JobStatus.CANCELLED: batches.c.cancelled_count,
}

SPENT: Final = and_(batches.c.cost_usd > 0, batches.c.cost_usd >= batches.c.max_cost_usd)
"""That a batch has cost what it may, as `is_spent` says."""
BEGINS_NONE: Final = or_(
    SPENT, batches.c.paused_at.is_not(None), batches.c.cancel_requested_at.is_not(None)
)
"""That none of a batch's jobs is to be begun, whether they have followed yet or not."""


@dataclass(frozen=True, slots=True, order=True)
class Ended:
    """A job that ends in this transaction."""

    batch_id: str | None
    """Of jobs without one nothing has to be noted."""
    status: JobStatus
    job_id: str


def note_ended(connection: Connection, ended: Iterable[Ended], now: datetime) -> list[str]:
    """Note in their batches that these jobs have ended, after their own rows were changed.

    Returns the ids of batches that have now cost what they may: once this is committed, the others
    of their jobs have to follow (see `follow_spent`).
    """
    ours = sorted((job for job in ended if job.batch_id is not None), key=_place)
    spent = []
    for (batch_id, status), group in groupby(ours, key=_place):
        if _note(connection, batch_id, status, [job.job_id for job in group], now):
            spent.append(batch_id)
    return spent


def _place(job: Ended) -> tuple[str, str]:
    return job.batch_id or "", job.status.value


def _note(
    connection: Connection, batch_id: str, status: str, job_ids: Sequence[str], now: datetime
) -> bool:
    """Whether the batch has cost what it may."""
    counted = _COUNTED_IN[JobStatus(status)]
    lines = select(func.count()).where(batch_lines.c.job_id.in_(job_ids)).scalar_subquery()
    finished = batches.c.finished_count + len(job_ids)
    all_of_them = and_(batches.c.accepted_at.is_not(None), finished >= batches.c.job_count)
    row = connection.execute(
        update(batches)
        .where(batches.c.id == batch_id)
        .values(
            {
                batches.c.revision: batches.c.revision + 1,
                batches.c.finished_count: finished,
                counted: counted + lines,
                batches.c.finished_at: case(
                    (all_of_them, literal(now, Moment)), else_=batches.c.finished_at
                ),
                **_used(connection, job_ids),
            }
        )
        .returning(
            batches.c.finished_count,
            batches.c.finished_at,
            SPENT.label("spent"),
        )
    ).first()
    if row is None:
        return False
    connection.execute(
        update(batch_lines)
        .where(batch_lines.c.job_id.in_(job_ids))
        .values(status=status, finished_number=row.finished_count)
    )
    return bool(row.spent) and row.finished_at is None


def _used(connection: Connection, job_ids: Sequence[str]) -> dict[Any, Any]:
    """What the jobs used, as an addition to what the batch has used."""
    found = connection.execute(
        select(jobs.c.usage).where(jobs.c.id.in_(job_ids), jobs.c.usage.is_not(None))
    ).scalars()
    used = [usage for usage in found if usage]
    if not used:
        return {}
    return {
        column: column + sum(usage[column.name] for usage in used)
        for column in (
            batches.c.llm_calls,
            batches.c.input_tokens,
            batches.c.output_tokens,
            batches.c.cost_usd,
        )
    }
