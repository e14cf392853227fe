"""Which jobs a list holds: newest first, page by page."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    false,
    or_,
    select,
    union_all,
)

from common.cursors import read_cursor
from common.db.tables import batches, jobs
from common.ids import first_id, is_job_id
from common.jobs.lanes import Lane
from common.jobs.new_job import JobFilter


def select_page(
    columns: tuple[ColumnElement[Any], ...],
    only: JobFilter,
    *,
    caller_id: str | None,
    limit: int,
    cursor: str | None,
) -> Select[Any]:
    """Rows of `limit` jobs, newest first, and one more if there are more.

    None for `caller_id` is everybody. RequestError 400 `invalid_cursor`.
    """
    conditions = _conditions(caller_id, only)
    if cursor is not None:
        conditions.append(jobs.c.id < read_cursor(cursor, is_job_id))
    statement = select(*columns).order_by(jobs.c.id.desc()).limit(limit + 1)
    by_status_alone = (
        caller_id is not None
        and only.status is not None
        and only.project_name is None
        and only.batch_id is None
    )
    if by_status_alone:
        return statement.where(jobs.c.id.in_(_newest_of_each_lane(conditions, limit + 1)))
    return statement.where(*conditions)


def _conditions(caller_id: str | None, only: JobFilter) -> list[ColumnElement[bool]]:
    if "\x00" in f"{only.project_name}{only.batch_id}":
        return [false()]  # no database stores that, and PostgreSQL does not even look for it
    coming_in = select(batches.c.id).where(batches.c.accepted_at.is_(None))
    conditions: list[ColumnElement[bool]] = []
    if caller_id is not None:
        conditions.append(jobs.c.caller_id == caller_id)
        coming_in = coming_in.where(batches.c.caller_id == caller_id)
    conditions.append(or_(jobs.c.batch_id.is_(None), jobs.c.batch_id.not_in(coming_in)))
    if only.status is not None:
        conditions.append(jobs.c.status == only.status.value)
    if only.project_name is not None:
        conditions.append(jobs.c.project_name == only.project_name)
    if only.batch_id is not None:
        conditions.append(jobs.c.batch_id == only.batch_id)
    # Ids sort as the moments of creation do, so times are bounds of the same index.
    if only.created_after is not None:
        conditions.append(jobs.c.id >= first_id("job", only.created_after, after=True))
    if only.created_before is not None:
        conditions.append(jobs.c.id < first_id("job", only.created_before))
    return conditions


def _newest_of_each_lane(conditions: list[ColumnElement[bool]], count: int) -> CompoundSelect[Any]:
    """Ids of `count` jobs of each lane, as the index by status, lane and caller has them in order.

    The newest of all are among them, and no index of their own has to be kept up to date.
    """
    parts = (
        select(jobs.c.id)
        .where(jobs.c.lane == lane.value, *conditions)
        .order_by(jobs.c.id.desc())
        .limit(count)
        .subquery()
        for lane in Lane
    )
    return union_all(*(select(part.c.id) for part in parts))
