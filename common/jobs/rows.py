"""From a row of the table `jobs` to a `Job`, and the values that are kept as JSON inside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement

from common.db.tables import jobs
from common.jobs.codes import AttemptOutcome
from common.jobs.job import (
    ArtifactFacts,
    Attempt,
    Job,
    JobError,
    JobStatus,
    LlmUsage,
    Stage,
    VerificationFacts,
)

MOST_UNCOUNTED: Final = 20
_UNCOUNTED: Final = frozenset({AttemptOutcome.DEFERRED, AttemptOutcome.WORKER_STOPPED})
_NO_USAGE: Final = LlmUsage()
_STATUS: Final = {status.value: status for status in JobStatus}
_STAGE: Final = {stage.value: stage for stage in Stage} | {None: None}

JOB_COLUMNS: Final[tuple[ColumnElement[Any], ...]] = (
    jobs.c.id,
    jobs.c.caller_id,
    jobs.c.kind,
    jobs.c.status,
    jobs.c.stage,
    jobs.c.progress_done,
    jobs.c.progress_total,
    jobs.c.revision,
    jobs.c.project_name,
    jobs.c.batch_id,
    jobs.c.retry_of,
    jobs.c.attempt_count,
    jobs.c.attempts,
    jobs.c.deferred_until,
    jobs.c.deferred_reason,
    jobs.c.created_at,
    jobs.c.started_at,
    jobs.c.finished_at,
    jobs.c.expires_at,
    jobs.c.cancel_requested_at,
    jobs.c.warnings,
    jobs.c.error,
    jobs.c.artifact,
    jobs.c.verification,
    jobs.c.usage,
    jobs.c.output_key,
    jobs.c.output_deleted,
)
"""What `job_from_row` reads, in its order."""


def job_from_row(row: Sequence[Any]) -> Job:
    """The job in a row that was selected with `JOB_COLUMNS` (further columns may follow)."""
    (
        id_,
        caller_id,
        kind,
        status,
        stage,
        progress_done,
        progress_total,
        revision,
        project_name,
        batch_id,
        retry_of,
        attempt_count,
        attempts,
        deferred_until,
        deferred_reason,
        created_at,
        started_at,
        finished_at,
        expires_at,
        cancel_requested_at,
        warnings,
        error,
        artifact,
        verification,
        usage,
        output_key,
        output_deleted,
        *_,
    ) = row
    return Job(
        id=id_,
        caller_id=caller_id,
        kind=kind,
        status=_STATUS[status],
        stage=_STAGE[stage],
        progress_done=progress_done,
        progress_total=progress_total,
        revision=revision,
        project_name=project_name,
        batch_id=batch_id,
        retry_of=retry_of,
        attempt_count=attempt_count,
        attempts=attempts_from_json(attempts) if attempts else (),
        queue_position=None,
        eta_seconds=None,
        deferred_until=deferred_until,
        deferred_reason=deferred_reason,
        created_at=created_at,
        started_at=started_at,
        finished_at=finished_at,
        expires_at=expires_at,
        cancel_requested_at=cancel_requested_at,
        warnings=tuple(warnings) if warnings else (),
        error=_error_from_json(error) if error else None,
        artifact=ArtifactFacts(**artifact) if artifact else None,
        verification=VerificationFacts(**verification) if verification else None,
        usage=LlmUsage(**usage) if usage else _NO_USAGE,
        output_kept=output_key is not None and not output_deleted,
    )


def error_to_json(error: JobError) -> dict[str, object]:
    """A `JobError` as it is stored."""
    return asdict(error)


def _error_from_json(stored: dict[str, Any]) -> JobError:
    # Also one that another version recorded: a poll passes on what is there.
    return JobError(**{**stored, "stage": _STAGE[stored["stage"]]})


def attempts_to_json(attempts: Sequence[Attempt]) -> list[dict[str, object]]:
    """Attempts as they are stored: moments as RFC 3339."""
    return [
        {
            "number": attempt.number,
            "worker": attempt.worker,
            "started_at": attempt.started_at.isoformat(),
            "ended_at": attempt.ended_at.isoformat() if attempt.ended_at else None,
            "outcome": attempt.outcome,
            "message": attempt.message,
        }
        for attempt in attempts
    ]


def attempts_from_json(stored: Sequence[dict[str, Any]]) -> tuple[Attempt, ...]:
    """The attempts of a job, oldest first."""
    return tuple(
        Attempt(
            number=each["number"],
            worker=each["worker"],
            started_at=datetime.fromisoformat(each["started_at"]),
            ended_at=datetime.fromisoformat(each["ended_at"]) if each["ended_at"] else None,
            outcome=each["outcome"],
            message=each["message"],
        )
        for each in stored
    )


def end_last_attempt(
    attempts: Sequence[Attempt], at: datetime, outcome: AttemptOutcome, message: str | None
) -> list[dict[str, object]]:
    """The attempts as they are stored once the last of them has ended like this.

    Of those that count towards nothing, of which there may be any number, the latest
    `MOST_UNCOUNTED` are kept.
    """
    *earlier, last = attempts
    ended = [*earlier, replace(last, ended_at=at, outcome=outcome, message=message)]
    uncounted = [each.number for each in ended if each.outcome in _UNCOUNTED]
    gone = set(uncounted[:-MOST_UNCOUNTED])
    return attempts_to_json([each for each in ended if each.number not in gone])
