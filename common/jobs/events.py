"""What happened to a job, a row a revision: the database itself writes them, with every change.

Nothing but these rows is needed to go on reading where one left off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, bindparam, select

from common.db.engine import reading
from common.db.tables import job_events
from common.jobs.job import JobStatus, Stage

_READ: Final = (
    select(
        job_events.c.revision,
        job_events.c.at,
        job_events.c.status,
        job_events.c.stage,
        job_events.c.progress_done,
        job_events.c.progress_total,
    )
    .where(job_events.c.job_id == bindparam("job_id"), job_events.c.revision > bindparam("after"))
    .order_by(job_events.c.revision)
    .limit(bindparam("at_most"))
)


@dataclass(frozen=True, slots=True)
class JobEvent:
    """A job as one of its changes left it."""

    revision: int
    at: datetime
    """By the clock of the database; the order is that of the revisions"""
    status: JobStatus
    stage: Stage | None
    progress_done: int
    progress_total: int


class EventReader:
    """Reads the events of one job at a time: as fast with a million jobs as with one."""

    def __init__(self, engine: Engine) -> None:
        self._reader = reading(engine)

    def read(self, job_id: str, *, after: int, limit: int) -> tuple[JobEvent, ...]:
        """The first `limit` events whose revision is greater than `after`, in their order.

        Jobs that were accepted before there were events have none of that time.
        """
        wanted = {"job_id": job_id, "after": after, "at_most": limit}
        with self._reader.connect() as connection:
            rows = connection.execute(_READ, wanted).all()
        return tuple(
            JobEvent(
                row.revision,
                row.at,
                JobStatus(row.status),
                Stage(row.stage) if row.stage else None,
                row.progress_done,
                row.progress_total,
            )
            for row in rows
        )
