"""Jobs that were left lying: leases that ran out, delays that are over, starts that came too late.

Each function is one short transaction, and none at all where there is nothing to do. Two at once
are harmless: each row is changed only while it is still as it was found.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, Select, bindparam, exists, select, update

from common.batches.finishing import Ended, note_ended
from common.batches.following import follow_spent
from common.db.engine import reading
from common.db.tables import jobs
from common.jobs.codes import AttemptOutcome, ErrorCode
from common.jobs.job import FINISHED, Job, JobError, JobStatus
from common.jobs.rows import JOB_COLUMNS, end_last_attempt, error_to_json, job_from_row
from common.jobs.states import BACK_IN_QUEUE

AT_ONCE: Final = 200
"""Rows that one transaction changes at most, so that nobody else waits long."""

# Only running jobs have a lease, only deferred ones a delay, only those that were never claimed a
# time to start by: each of these is an index of few rows, which asking for the status would spoil.
_LOST: Final = select(*JOB_COLUMNS, jobs.c.fault_count).where(
    jobs.c.lease_expires_at <= bindparam("now")
)
_DUE: Final = select(*JOB_COLUMNS).where(jobs.c.deferred_until <= bindparam("now"))
_LATE: Final = select(*JOB_COLUMNS).where(jobs.c.start_by <= bindparam("now"))
_ANY: Final = select(
    *(
        exists(step.with_only_columns(jobs.c.id)).label(name)
        for name, step in (("lost", _LOST), ("due", _DUE), ("late", _LATE))
    )
)

_WORKER_LOST: Final = "The worker that ran the job was lost."


def recover(engine: Engine, now: datetime, *, max_attempts: int) -> int:
    """Put right whatever is overdue at `now`; how many jobs that were."""
    with reading(engine).connect() as connection:
        found = connection.execute(_ANY, {"now": now}).one()
    done = 0
    if found.lost:
        done += _change_all(engine, _LOST, now, lambda row: _given_back(row, now, max_attempts))
    if found.due:
        done += _change_all(engine, _DUE, now, lambda _: dict(BACK_IN_QUEUE))
    if found.late:
        done += _change_all(engine, _LATE, now, lambda row: _started_too_late(row, now))
    return done


def _change_all(
    engine: Engine,
    overdue: Select[Any],
    now: datetime,
    change: Callable[[Any], dict[str, Any]],
) -> int:
    with engine.begin() as connection:
        rows = connection.execute(
            overdue.limit(AT_ONCE).with_for_update(skip_locked=True), {"now": now}
        ).all()
        ended = [_apply(connection, row, now, change(row)) for row in rows]
        spent = note_ended(connection, [each for each in ended if each is not None], now)
    follow_spent(engine, lambda: now, spent)
    return len(rows)


def _apply(
    connection: Connection,
    row: Any,  # noqa: ANN401 - a Row
    now: datetime,
    change: dict[str, Any],
) -> Ended | None:
    status = JobStatus(change["status"])
    if status in FINISHED:
        change |= {"finished_at": now, "start_by": None, "sent_at": None}
    connection.execute(
        update(jobs).where(jobs.c.id == row.id).values(revision=row.revision + 1, **change)
    )
    return Ended(row.batch_id, status, row.id) if status in FINISHED else None


def _given_back(row: Any, now: datetime, max_attempts: int) -> dict[str, Any]:  # noqa: ANN401 - a Row
    job = job_from_row(row)
    faults = row.fault_count + 1
    ended: dict[str, Any] = {
        "worker": None,
        "lease_expires_at": None,
        "fault_count": faults,
        "attempts": end_last_attempt(job.attempts, now, AttemptOutcome.WORKER_LOST, _WORKER_LOST),
    }
    return ended | _after_loss(job, faults, max_attempts)


def _after_loss(job: Job, faults: int, max_attempts: int) -> dict[str, Any]:
    if job.cancel_requested_at is not None:
        return {"status": JobStatus.CANCELLED.value, "stage": None, "stage_started_at": None}
    if faults >= max_attempts:
        message = f"{_WORKER_LOST} It was tried {faults} times."
        error = JobError(ErrorCode.WORKER_LOST, message, job.stage, retryable=True)
        return {
            "status": JobStatus.FAILED.value,
            "stage": None,
            "stage_started_at": None,
            "error": error_to_json(error),
        }
    return dict(BACK_IN_QUEUE)


def _started_too_late(row: Any, now: datetime) -> dict[str, Any]:  # noqa: ANN401 - a Row
    waited = int((now - row.created_at).total_seconds())
    error = JobError(
        ErrorCode.NOT_STARTED_IN_TIME,
        f"No worker was free within run.start_within_seconds; it waited {waited} s.",
        None,
        retryable=True,
    )
    return {"status": JobStatus.FAILED.value, "error": error_to_json(error)}
