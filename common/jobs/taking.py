"""How one of many workers gets a job: looked at, then taken if nobody changed it meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, exists, or_, select, update

from common.batches.finishing import BEGINS_NONE
from common.db.tables import batches, job_documents, jobs
from common.jobs.job import Attempt, Job, JobStatus
from common.jobs.lanes import Lane
from common.jobs.rows import JOB_COLUMNS, attempts_to_json
from common.jobs.states import sources

[_CLAIMED_FROM] = sources(JobStatus.RUNNING)
_CLAIMABLE: Final = (
    jobs.c.id == bindparam("job_id"),
    jobs.c.status == _CLAIMED_FROM,
    jobs.c.lane != Lane.HELD.value,
    # What its batch says counts at once, also where its jobs have not followed yet
    ~exists().where(batches.c.id == jobs.c.batch_id, BEGINS_NONE),
)
_FIND: Final = (
    select(*JOB_COLUMNS, jobs.c.timeout_seconds, jobs.c.fault_count, job_documents.c.document)
    .outerjoin(job_documents, job_documents.c.job_id == jobs.c.id)
    .where(*_CLAIMABLE, or_(jobs.c.start_by.is_(None), jobs.c.start_by > bindparam("now")))
)
_FIND_HELD: Final = (
    select(*JOB_COLUMNS, jobs.c.timeout_seconds, jobs.c.fault_count, job_documents.c.document)
    .outerjoin(job_documents, job_documents.c.job_id == jobs.c.id)
    .where(
        jobs.c.id == bindparam("job_id"),
        jobs.c.status == JobStatus.RUNNING.value,
        jobs.c.worker == bindparam("by"),
    )
)
_TAKE: Final = (
    update(jobs)
    .where(*_CLAIMABLE, jobs.c.revision == bindparam("found_revision"))
    .values(
        status=JobStatus.RUNNING.value,
        stage=None,
        progress_done=0,
        progress_total=0,
        revision=jobs.c.revision + 1,
        attempt_count=bindparam("fence"),
        attempts=bindparam("new_attempts"),
        started_at=bindparam("first_started_at"),
        worker=bindparam("by"),
        lease_expires_at=bindparam("until"),
        sent_at=None,
        send_count=0,
        start_by=None,
        stage_started_at=None,
        stage_seconds=None,
    )
)


def find_waiting(connection: Connection, job_id: str, now: datetime) -> Any | None:  # noqa: ANN401
    """The row of a job that may be taken at `now`, with its document."""
    return connection.execute(_FIND, {"job_id": job_id, "now": now}).first()


def find_held(connection: Connection, job_id: str, worker: str) -> Any | None:  # noqa: ANN401
    """The row of a job that this worker has, with its document."""
    return connection.execute(_FIND_HELD, {"job_id": job_id, "by": worker}).first()


def take(
    connection: Connection, found: Job, worker: str, now: datetime, until: datetime
) -> Job | None:
    """Begin an attempt at the job as it was found, with a lease `until`; None if it has changed."""
    attempt = Attempt(found.attempt_count + 1, worker, now, None, None, None)
    attempts = (*found.attempts, attempt)
    started_at = found.started_at or now
    taken = connection.execute(
        _TAKE,
        {
            "job_id": found.id,
            "found_revision": found.revision,
            "fence": attempt.number,
            "new_attempts": attempts_to_json(attempts),
            "first_started_at": started_at,
            "by": worker,
            "until": until,
        },
    ).rowcount
    if taken != 1:
        return None
    return replace(
        found,
        status=JobStatus.RUNNING,
        stage=None,
        progress_done=0,
        progress_total=0,
        revision=found.revision + 1,
        attempt_count=attempt.number,
        attempts=attempts,
        started_at=started_at,
    )
