"""The jobs of all callers, for whoever runs the platform; callers see their own in `JobStore`."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select

from common.callers import CALLER_COLUMNS, Caller, caller_from_row
from common.cursors import make_cursor
from common.db.engine import reading
from common.db.tables import callers, jobs
from common.ids import is_job_id
from common.jobs.job import Job
from common.jobs.listing import select_page
from common.jobs.new_job import JobFilter
from common.jobs.rows import JOB_COLUMNS, job_from_row
from common.jobs.store import no_such_job


@dataclass(frozen=True, slots=True)
class OwnedJob:
    """A job, and whose it is."""

    job: Job
    caller: Caller


class JobOverview:
    """Reads them; safe to share between threads, not across a fork."""

    def __init__(self, engine: Engine) -> None:
        self._reader = reading(engine)

    def list(
        self, only: JobFilter, *, caller: Caller | None, limit: int, cursor: str | None
    ) -> tuple[tuple[OwnedJob, ...], str | None]:
        """Jobs of everybody or of one caller, newest first, and the cursor of the next page."""
        columns = (*JOB_COLUMNS, *CALLER_COLUMNS[1:])
        statement = select_page(
            columns, only, caller_id=caller.id if caller else None, limit=limit, cursor=cursor
        ).join(callers, callers.c.id == jobs.c.caller_id)
        with self._reader.connect() as connection:
            rows = connection.execute(statement).all()
        items = tuple(OwnedJob(job_from_row(row), caller_from_row(row)) for row in rows[:limit])
        more = len(rows) > limit
        return items, make_cursor(items[-1].job.id) if more else None

    def get_owner(self, job_id: str) -> Caller:
        """Whose job this is; RequestError 404."""
        statement = (
            select(*CALLER_COLUMNS)
            .join(jobs, jobs.c.caller_id == callers.c.id)
            .where(jobs.c.id == job_id)
        )
        row = None
        if is_job_id(job_id):
            with self._reader.connect() as connection:
                row = connection.execute(statement).first()
        if row is None:
            raise no_such_job()
        return caller_from_row(row)
