"""Which callers have jobs waiting, found in as many steps as there are such callers.

The query leaps along the index (status, caller_id, id) from one caller to the next, however many
jobs each of them has: neither a DISTINCT nor a min() would stop at the first.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import CTE, ColumnElement, ScalarSelect, Select, func, select

from common.db.tables import jobs
from common.jobs.job import JobStatus

_QUEUED: Final = jobs.c.status == JobStatus.QUEUED.value


def waiting_callers(*conditions: ColumnElement[bool]) -> CTE:
    """The column `id`: callers with at least one queued job for which `conditions` hold."""
    first_of_all = select(jobs.c.caller_id).where(_QUEUED, *conditions)
    waiting = select(_first(first_of_all).label("id")).cte("waiting", recursive=True)
    after = first_of_all.where(jobs.c.caller_id > waiting.c.id)
    steps = waiting.union_all(select(_first(after)).where(waiting.c.id.is_not(None)))
    return select(steps.c.id).where(steps.c.id.is_not(None)).cte("waiting_callers")


def _first(callers: Select[tuple[str]]) -> ScalarSelect[str]:
    return callers.order_by(jobs.c.caller_id).limit(1).scalar_subquery()


_EACH: Final = waiting_callers()
OLDEST_QUEUED: Final = select(
    func.min(
        select(jobs.c.created_at)
        .where(_QUEUED, jobs.c.caller_id == _EACH.c.id)
        .order_by(jobs.c.id)
        .limit(1)
        .scalar_subquery()
    )
).select_from(_EACH)
"""When the job was accepted that has waited longest."""
