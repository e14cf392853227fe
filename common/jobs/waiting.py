"""Which callers have jobs waiting, found in as many steps as there are such callers.

The query leaps along the index (status, lane, caller_id, id) from one caller to the next, however
many jobs each of them has: neither a DISTINCT nor a min() would stop at the first.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import CTE, ColumnElement, ScalarSelect, Select, func, select, union_all

from common.db.tables import jobs
from common.jobs.job import JobStatus
from common.jobs.lanes import Lane

LANES: Final = (Lane.INTERACTIVE, Lane.BATCH)
"""Those whose jobs get their turn; what is held waits for nothing but its release."""


def queued_in(lane: Lane) -> tuple[ColumnElement[bool], ...]:
    """That a job is queued in `lane`: the beginning of the index."""
    return (jobs.c.status == JobStatus.QUEUED.value, jobs.c.lane == lane.value)


def waiting_callers(lane: Lane, *conditions: ColumnElement[bool]) -> CTE:
    """The column `id`: callers with at least one job queued in `lane` that meets `conditions`."""
    first_of_all = select(jobs.c.caller_id).where(*queued_in(lane), *conditions)
    name = f"waiting_{lane.name.lower()}"
    waiting = select(_first(first_of_all).label("id")).cte(name, recursive=True)
    after = first_of_all.where(jobs.c.caller_id > waiting.c.id)
    steps = waiting.union_all(select(_first(after)).where(waiting.c.id.is_not(None)))
    return select(steps.c.id).where(steps.c.id.is_not(None)).cte(f"{name}_callers")


def _first(callers: Select[tuple[str]]) -> ScalarSelect[str]:
    return callers.order_by(jobs.c.caller_id).limit(1).scalar_subquery()


def _oldest_of_each(lane: Lane) -> Select[tuple[object]]:
    each = waiting_callers(lane)
    oldest = (
        select(jobs.c.created_at)
        .where(*queued_in(lane), jobs.c.caller_id == each.c.id)
        .order_by(jobs.c.id)
        .limit(1)
        .scalar_subquery()
    )
    return select(oldest.label("created_at")).select_from(each)


_OLDEST: Final = union_all(*(_oldest_of_each(lane) for lane in LANES)).subquery()
OLDEST_QUEUED: Final = select(func.min(_OLDEST.c.created_at))
"""When the job was accepted that has waited longest for a worker; what is held does not count."""
