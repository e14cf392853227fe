"""The jobs as workers see them: claim, renew, report progress, finish.

A claim is a lease with a number. Every write carries the number and is refused (`LeaseLostError`)
once another claim, or admission, has taken the job: a worker that was slow, stopped or cut off can
do no harm, however late it comes back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, bindparam, select, update

from common.batches.finishing import Ended, note_ended
from common.batches.following import follow_spent
from common.clock import Clock
from common.db.engine import forgetful, reading
from common.db.tables import job_documents, jobs
from common.errors import DeferredError, TransientError
from common.ids import is_job_id
from common.jobs.claim import Aftermath, Claim, Findings
from common.jobs.codes import AttemptOutcome, ErrorCode, recorded_code
from common.jobs.fence import FENCED, fence, lost, write_fenced
from common.jobs.job import FINISHED, ArtifactFacts, Job, JobError, JobStatus, Stage
from common.jobs.new_job import document_text
from common.jobs.retention import Retention
from common.jobs.rows import (
    end_last_attempt,
    error_to_json,
    job_from_row,
)
from common.jobs.states import BACK_IN_QUEUE, HELD_BACK, LET_GO
from common.jobs.taking import find_held, find_waiting, take
from common.jobs.wakes import Tell, nobody

LONGEST_DELAY: Final = timedelta(minutes=10)
_DOUBLINGS: Final = 20
"""More would not be longer, and in the end no number of seconds at all."""

_CANCEL_REQUESTED: Final = select(jobs.c.cancel_requested_at).where(*FENCED)
_AFTERMATH: Final = select(jobs.c.status, jobs.c.output_key).where(jobs.c.id == bindparam("job_id"))
_SET_DESIGNED: Final = (
    update(job_documents)
    .where(job_documents.c.job_id == bindparam("of_job"))
    .values(designed=bindparam("text"))
)
_TRIES: Final = 3
_NO_DOCUMENT: Final = JobError(
    ErrorCode.INTERNAL_ERROR, "The job's document is gone.", None, retryable=True
)
_NO_FINDINGS: Final = Findings()


class JobClaims:
    """Claims in one database; safe to share between threads, not across a fork.

    Whatever an attempt would end as: a job that its caller has cancelled by then ends as
    `cancelled`, in the same write. Every method that ends one returns the status that it got.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        retention: Retention,
        lease_seconds: float,
        tell: Tell = nobody,
    ) -> None:
        """`tell` hears of every change that callers can see, once it is committed."""
        self._engine = engine
        self._forgetful = forgetful(engine)
        self._reader = reading(engine)
        self._clock = clock
        self._retention = retention
        self._lease = timedelta(seconds=lease_seconds)
        self._tell = tell

    def claim(self, job_id: str, worker: str) -> Claim | None:
        """Take a queued job; None if there is none (any more), or its time to start is over.

        Of many who try at once, one gets it. A job that is held is not there to be taken.
        """
        if not is_job_id(job_id):
            return None
        for _ in range(_TRIES):  # it may be changed between the look and the grip, by its caller
            now = self._clock()
            with self._reader.connect() as connection:
                row = find_waiting(connection, job_id, now)
            if row is None:
                return None
            with self._engine.begin() as connection:
                job = take(connection, job_from_row(row), worker, now, now + self._lease)
            if job is not None:
                self._tell(job_id)
                claim = _claim(row, job)
                if row.document is not None:
                    return claim
                self.fail(claim, _NO_DOCUMENT)
                return None
        return None

    def find_held(self, job_id: str, worker: str) -> Claim | None:
        """The claim that this worker has on the job, also if it was told to stop while it made it.

        None if it has none: it was not made, or has come to its end.
        """
        with self._reader.connect() as connection:
            row = find_held(connection, job_id, worker)
        return None if row is None else _claim(row, job_from_row(row))

    def renew(self, claim: Claim) -> None:
        """Keep the job for another lease, from now. Callers don't see it."""
        until = self._clock() + self._lease
        # What they see is never forgotten: an ETag must not come back with another meaning.
        self._write(claim, {"lease_expires_at": until}, seen=False, engine=self._forgetful)

    def cancel_requested(self, claim: Claim) -> bool:
        """Whether the caller wants the job to stop. A read; LeaseLostError as with every write."""
        with self._reader.connect() as connection:
            row = connection.execute(_CANCEL_REQUESTED, fence(claim)).first()
        if row is None:
            raise lost(claim)
        return row.cancel_requested_at is not None

    def what_became_of(self, claim: Claim) -> Aftermath:
        """How the job stands, for one who no longer holds it."""
        with self._reader.connect() as connection:
            row = connection.execute(_AFTERMATH, {"job_id": claim.job.id}).first()
        if row is None:
            return Aftermath(over=True, output_key=None)
        return Aftermath(JobStatus(row.status) in FINISHED, row.output_key)

    def set_stage(
        self,
        claim: Claim,
        stage: Stage,
        *,
        since_seconds: float = 0,
        stage_seconds: Mapping[Stage, float] | None = None,
        done: int = 0,
        total: int = 0,
    ) -> None:
        """Say what is being done now, since when, and how long each stage before it took."""
        change: dict[str, Any] = {
            "stage": stage.value,
            "stage_started_at": self._clock() - timedelta(seconds=since_seconds),
            "progress_done": done,
            "progress_total": total,
        }
        if stage_seconds is not None:
            change["stage_seconds"] = _stage_seconds(stage_seconds)
        self._write(claim, change)

    def set_designed(self, claim: Claim, document: Mapping[str, Any]) -> None:
        """Keep the document that a model made of the prompt, for the caller to see at once."""
        text = document_text(document)
        change = {"project_name": document["project_name"]}
        self._write(
            claim,
            change,
            also=lambda connection: connection.execute(
                _SET_DESIGNED, {"of_job": claim.job.id, "text": text}
            ),
        )

    def set_progress(self, claim: Claim, done: int, total: int) -> None:
        """Say how much of the stage is done."""
        self._write(claim, {"progress_done": done, "progress_total": total})

    def succeed(
        self, claim: Claim, artifact: ArtifactFacts | None, findings: Findings
    ) -> JobStatus:
        """It is done, and what it made is stored under `findings.output_key`.

        A job that designs has no artifact: what it made is on it already.
        """
        change: dict[str, Any] = {"progress_done": 1, "progress_total": 1}
        if artifact is not None:
            change["artifact"] = asdict(artifact)
        return self._finish(claim, JobStatus.SUCCEEDED, findings=findings, change=change)

    def fail(self, claim: Claim, error: JobError, findings: Findings = _NO_FINDINGS) -> JobStatus:
        """It can't be done, and trying again by itself would not help."""
        return self._finish(
            claim,
            JobStatus.FAILED,
            message=error.message,
            findings=findings,
            change={"error": error_to_json(error)},
        )

    def cancel(self, claim: Claim, findings: Findings = _NO_FINDINGS) -> JobStatus:
        """It was stopped, as its caller asked."""
        return self._finish(claim, JobStatus.CANCELLED, findings=findings)

    def try_again(
        self, claim: Claim, error: TransientError, *, stage: Stage | None, max_attempts: int
    ) -> JobStatus:
        """Hold the job back until another attempt makes sense, or fail it after `max_attempts`.

        The delay doubles with every fault.
        """
        faults, outcome = claim.fault_count + 1, AttemptOutcome.TRANSIENT
        code = recorded_code(error.code)
        if faults >= max_attempts:
            recorded = JobError(code, error.message, stage, retryable=True)
            return self._finish(
                claim,
                JobStatus.FAILED,
                outcome=outcome,
                message=error.message,
                change={"error": error_to_json(recorded), "fault_count": faults},
            )
        now = self._clock()
        return self._let_go(
            claim,
            JobStatus.DEFERRED,
            {
                **HELD_BACK,
                "deferred_until": now + _delay(error.retry_after_seconds, faults),
                "deferred_reason": code,
                "fault_count": faults,
                "attempts": end_last_attempt(claim.job.attempts, now, outcome, error.message),
            },
        )

    def defer(self, claim: Claim, error: DeferredError) -> JobStatus:
        """Hold the job back until the moment that `error` names. Nobody's fault."""
        now, outcome = self._clock(), AttemptOutcome.DEFERRED
        return self._let_go(
            claim,
            JobStatus.DEFERRED,
            {
                **HELD_BACK,
                "deferred_until": error.until,
                "deferred_reason": error.code,
                "attempts": end_last_attempt(claim.job.attempts, now, outcome, error.message),
            },
        )

    def give_back(self, claim: Claim) -> JobStatus:
        """Let another worker have the job at once; this one is told to stop. Nobody's fault."""
        now = self._clock()
        attempts = end_last_attempt(claim.job.attempts, now, AttemptOutcome.WORKER_STOPPED, None)
        change = {**BACK_IN_QUEUE, "attempts": attempts, **LET_GO}
        return self._let_go(claim, JobStatus.QUEUED, change)

    def _finish(
        self,
        claim: Claim,
        status: JobStatus,
        *,
        outcome: AttemptOutcome | None = None,
        message: str | None = None,
        findings: Findings = _NO_FINDINGS,
        change: dict[str, Any] | None = None,
    ) -> JobStatus:
        values = self._end(claim, status, outcome, message, findings)
        if findings.output_key is not None:
            values["output_key"] = findings.output_key
            values["expires_at"] = values["finished_at"] + self._retention.artifacts
        if findings.verification is not None:
            values["verification"] = asdict(findings.verification)
        if findings.warnings:
            values["warnings"] = list(findings.warnings)
        return self._let_go(claim, status, values | (change or {}), findings)

    def _end(
        self,
        claim: Claim,
        status: JobStatus,
        outcome: AttemptOutcome | None,
        message: str | None,
        findings: Findings,
    ) -> dict[str, Any]:
        """What every job that is over gets."""
        now, outcome = self._clock(), outcome or AttemptOutcome(status)
        values: dict[str, Any] = {
            "status": status.value,
            "stage": None,
            "stage_started_at": None,
            "finished_at": now,
            "attempts": end_last_attempt(claim.job.attempts, now, outcome, message),
            **LET_GO,
        }
        if findings.stage_seconds is not None:
            values["stage_seconds"] = _stage_seconds(findings.stage_seconds)
        return values

    def _let_go(
        self,
        claim: Claim,
        status: JobStatus,
        change: dict[str, Any],
        findings: Findings = _NO_FINDINGS,
    ) -> JobStatus:
        """Write how the attempt ended: as `status`, or as cancelled if that was asked for."""
        spent: list[str] = []
        with self._engine.begin() as connection:
            unasked = status is not JobStatus.CANCELLED
            done = write_fenced(connection, claim, change, unasked=unasked)
            if not done and unasked:
                status = JobStatus.CANCELLED
                change = self._end(claim, status, None, None, findings)
                done = write_fenced(connection, claim, change)
            if done and status in FINISHED:
                ended = Ended(claim.job.batch_id, status, claim.job.id)
                spent = note_ended(connection, [ended], self._clock())
        if not done:
            raise lost(claim)
        self._tell(claim.job.id)
        follow_spent(self._engine, self._clock, spent)
        return status

    def _write(
        self,
        claim: Claim,
        change: dict[str, Any],
        *,
        seen: bool = True,
        also: Callable[[Connection], object] | None = None,
        engine: Engine | None = None,
    ) -> None:
        with (engine or self._engine).begin() as connection:
            done = write_fenced(connection, claim, change, seen=seen)
            if also is not None and done:
                also(connection)
        if not done:
            raise lost(claim)
        if seen:
            self._tell(claim.job.id)


def _claim(row: Any, job: Job) -> Claim:  # noqa: ANN401 - a Row
    document = None if row.document is None else json.loads(row.document)
    return Claim(job, document, row.timeout_seconds, row.fault_count)


def _delay(first_seconds: float, faults: int) -> timedelta:
    doubled = first_seconds * 2.0 ** min(faults - 1, _DOUBLINGS)
    return min(timedelta(seconds=doubled), LONGEST_DELAY)


def _stage_seconds(spent: Mapping[Stage, float]) -> dict[str, float]:
    return {stage.value: round(seconds, 3) for stage, seconds in spent.items()}
