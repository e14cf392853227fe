"""The jobs as workers see them: claim, renew, report progress, finish.

A claim is a lease with a number. Every write carries the number and is refused (`LeaseLostError`)
once another claim, or admission, has taken the job: a worker that was slow, stopped or cut off can
do no harm, however late it comes back.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Engine, bindparam, or_, select, update

from common.batches.finishing import Ended, note_ended
from common.batches.following import follow
from common.clock import Clock
from common.db.engine import reading
from common.db.tables import job_documents, jobs
from common.errors import BackboneError, TransientError
from common.ids import is_job_id
from common.jobs.job import (
    ArtifactFacts,
    Attempt,
    Job,
    JobError,
    JobStatus,
    Stage,
    VerificationFacts,
)
from common.jobs.lanes import Lane
from common.jobs.retention import Retention
from common.jobs.rows import (
    JOB_COLUMNS,
    attempts_to_json,
    end_last_attempt,
    error_to_json,
    job_from_row,
)
from common.jobs.states import BACK_IN_QUEUE, sources

LONGEST_DELAY: Final = timedelta(minutes=10)


class LeaseLostError(BackboneError):
    """Somebody else decides about the job now; whoever gets this lets go of it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in the hands of one worker."""

    job: Job
    """As it was when it was claimed"""
    document: object
    """The JSON value that was stored"""
    timeout_seconds: int | None
    """What the document's `run` asks for"""
    fault_count: int
    """How many attempts ended in `worker_lost` or `transient` before this one"""

    @property
    def fence(self) -> int:
        """The number that every write carries."""
        return self.job.attempt_count


@dataclass(frozen=True, slots=True)
class Findings:
    """What an attempt leaves behind: where its files and report are stored, and what they say."""

    output_key: str | None = None
    verification: VerificationFacts | None = None
    warnings: Sequence[dict[str, str]] = ()
    """All of the job's, those of its submission included; empty leaves these as they are"""


_FENCED: Final = (
    jobs.c.id == bindparam("job_id"),
    jobs.c.status == JobStatus.RUNNING.value,
    jobs.c.attempt_count == bindparam("fence"),
)
_NO_FINDINGS: Final = Findings()
_LET_GO: Final[dict[str, None]] = {"worker": None, "lease_expires_at": None}


class JobClaims:
    """Claims in one database; safe to share between threads, not across a fork."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        retention: Retention,
        lease_seconds: float,
    ) -> None:
        self._engine = engine
        self._reader = reading(engine)
        self._clock = clock
        self._retention = retention
        self._lease = timedelta(seconds=lease_seconds)

    def claim(self, job_id: str, worker: str) -> Claim | None:
        """Take a queued job; None if there is none (any more), or its time to start is over.

        Of many who try at once, one gets it.
        """
        if not is_job_id(job_id):
            return None
        with self._engine.begin() as connection:
            now = self._clock()
            row = connection.execute(
                select(*JOB_COLUMNS, jobs.c.timeout_seconds, jobs.c.fault_count)
                .where(
                    jobs.c.id == job_id,
                    jobs.c.status.in_(sources(JobStatus.RUNNING)),
                    jobs.c.lane != Lane.HELD,
                    or_(jobs.c.start_by.is_(None), jobs.c.start_by > now),
                )
                .with_for_update()
            ).first()
            if row is None:
                return None
            job = job_from_row(row)
            attempt = Attempt(job.attempt_count + 1, worker, now, None, None, None)
            taken = connection.execute(
                update(jobs)
                .where(jobs.c.id == job_id)
                .values(
                    status=JobStatus.RUNNING.value,
                    stage=None,
                    progress_done=0,
                    progress_total=0,
                    revision=job.revision + 1,
                    attempt_count=attempt.number,
                    attempts=attempts_to_json([*job.attempts, attempt]),
                    started_at=job.started_at or now,
                    worker=worker,
                    lease_expires_at=now + self._lease,
                    sent_at=None,
                    send_count=0,
                    start_by=None,
                )
                .returning(*JOB_COLUMNS)
            ).one()
            document = connection.execute(
                select(job_documents.c.document).where(job_documents.c.job_id == job_id)
            ).scalar_one()
        return Claim(
            job_from_row(taken), json.loads(document), row.timeout_seconds, row.fault_count
        )

    def renew(self, claim: Claim) -> None:
        """Keep the job for another lease, from now. Callers don't see it."""
        self._write(claim, {"lease_expires_at": self._clock() + self._lease}, seen=False)

    def cancel_requested(self, claim: Claim) -> bool:
        """Whether the caller wants the job to stop. A read; LeaseLostError as with every write."""
        with self._reader.connect() as connection:
            row = connection.execute(
                select(jobs.c.cancel_requested_at).where(*_FENCED), _fence(claim)
            ).first()
        if row is None:
            raise _lost(claim)
        return row.cancel_requested_at is not None

    def set_stage(self, claim: Claim, stage: Stage) -> None:
        """Say what is being done now; progress starts again."""
        self._write(claim, {"stage": stage.value, "progress_done": 0, "progress_total": 0})

    def set_progress(self, claim: Claim, done: int, total: int) -> None:
        """Say how much of the stage is done."""
        self._write(claim, {"progress_done": done, "progress_total": total})

    def succeed(self, claim: Claim, artifact: ArtifactFacts, findings: Findings) -> None:
        """It is done, and what it made is stored under `findings.output_key`."""
        self._finish(
            claim,
            JobStatus.SUCCEEDED,
            outcome="succeeded",
            findings=findings,
            change={"artifact": asdict(artifact), "progress_done": 1, "progress_total": 1},
        )

    def fail(self, claim: Claim, error: JobError, findings: Findings = _NO_FINDINGS) -> None:
        """It can't be done, and trying again by itself would not help."""
        self._finish(
            claim,
            JobStatus.FAILED,
            outcome="failed",
            message=error.message,
            findings=findings,
            change={"error": error_to_json(error)},
        )

    def cancel(self, claim: Claim) -> None:
        """It was stopped, as its caller asked."""
        self._finish(claim, JobStatus.CANCELLED, outcome="cancelled")

    def try_again(
        self, claim: Claim, error: TransientError, *, stage: Stage | None, max_attempts: int
    ) -> JobStatus:
        """Hold the job back until another attempt makes sense, or fail it after `max_attempts`.

        The delay doubles with every fault; returns `deferred` or `failed`.
        """
        faults = claim.fault_count + 1
        if faults >= max_attempts:
            recorded = JobError(error.code, error.message, stage, retryable=True)
            self._finish(
                claim,
                JobStatus.FAILED,
                outcome="transient",
                message=error.message,
                change={"error": error_to_json(recorded), "fault_count": faults},
            )
            return JobStatus.FAILED
        delay = timedelta(seconds=error.retry_after_seconds) * 2 ** (faults - 1)
        now = self._clock()
        self._write(
            claim,
            {
                "status": JobStatus.DEFERRED.value,
                "stage": None,
                "progress_done": 0,
                "progress_total": 0,
                "deferred_until": now + min(delay, LONGEST_DELAY),
                "deferred_reason": error.code,
                "fault_count": faults,
                "attempts": end_last_attempt(claim.job.attempts, now, "transient", error.message),
                **_LET_GO,
            },
        )
        return JobStatus.DEFERRED

    def give_back(self, claim: Claim) -> None:
        """Let another worker have the job at once; this one is told to stop. Nobody's fault."""
        now = self._clock()
        attempts = end_last_attempt(claim.job.attempts, now, "worker_stopped", None)
        self._write(
            claim, {**BACK_IN_QUEUE, "attempts": attempts, "worker": None, "lease_expires_at": None}
        )

    def _finish(
        self,
        claim: Claim,
        status: JobStatus,
        *,
        outcome: str,
        message: str | None = None,
        findings: Findings = _NO_FINDINGS,
        change: dict[str, Any] | None = None,
    ) -> None:
        now = self._clock()
        values: dict[str, Any] = {
            "status": status.value,
            "stage": None,
            "finished_at": now,
            "attempts": end_last_attempt(claim.job.attempts, now, outcome, message),
            **_LET_GO,
        }
        if findings.output_key is not None:
            values["output_key"] = findings.output_key
            values["expires_at"] = now + self._retention.artifacts
        if findings.verification is not None:
            values["verification"] = asdict(findings.verification)
        if findings.warnings:
            values["warnings"] = list(findings.warnings)
        ended = Ended(claim.job.batch_id, status, claim.job.id)
        self._write(claim, values | (change or {}), ended=ended)

    def _write(
        self,
        claim: Claim,
        change: dict[str, Any],
        *,
        seen: bool = True,
        ended: Ended | None = None,
    ) -> None:
        if seen:
            change = change | {"revision": jobs.c.revision + 1}
        with self._engine.begin() as connection:
            done = connection.execute(
                update(jobs).where(*_FENCED).values(change), _fence(claim)
            ).rowcount
            spent = note_ended(connection, [ended], self._clock()) if ended and done == 1 else []
        if done != 1:
            raise _lost(claim)
        for batch_id in spent:
            with contextlib.suppress(TransientError):  # beat sees to it, a little later
                follow(self._engine, self._clock, batch_id)


def _fence(claim: Claim) -> dict[str, Any]:
    return {"job_id": claim.job.id, "fence": claim.fence}


def _lost(claim: Claim) -> LeaseLostError:
    return LeaseLostError(f"{claim.job.id}: attempt {claim.fence} no longer holds the job")
