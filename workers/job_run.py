"""One attempt at one job: claim it, run the pipeline, store what it made, record how it ended."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

from common.artifacts import PROJECT, REPORT, ArtifactStore, output_key
from common.clock import monotonic
from common.errors import GenerationError, TransientError
from common.jobs.claims import Claim, Findings, JobClaims, LeaseLostError
from common.jobs.job import ArtifactFacts, JobError, Stage, VerificationFacts
from workers.heartbeat import Heartbeat, StopReason
from workers.pipeline import Outcome, Progress, StoppedError
from workers.report import Outcome as CheckOutcome
from workers.report import Report

PROGRESS_EVERY_SECONDS: Final = 0.25

log = logging.getLogger("backbone.worker")

Pipeline = Callable[[object, Progress], Outcome]
"""Makes a project of the document: `run_pipeline` with everything but the job filled in."""


@dataclass(frozen=True, slots=True)
class JobRun:
    """What runs jobs in one worker process."""

    claims: JobClaims
    artifacts: ArtifactStore
    pipeline: Pipeline
    worker: str
    """Its name in the attempts"""
    lease_seconds: float
    timeout_seconds: float
    """The longest that an attempt may take; a document may ask for less"""
    max_attempts: int
    stuck: Callable[[], None]
    """Ends this process; called when work does not stop though it has to"""
    stuck_after_seconds: float = 30
    """How long that may take"""

    def run(self, job_id: str) -> None:
        """Run the job if it still has to be run; whatever comes of it is recorded, not raised."""
        claim = self.claims.claim(job_id, self.worker)
        if claim is None:
            log.info("job.skipped", extra={"job_id": job_id})
            return
        log.info("job.claimed", extra={"job_id": job_id, "attempt": claim.fence})
        timeout = min(claim.timeout_seconds or self.timeout_seconds, self.timeout_seconds)
        track = _Track(self.claims, claim)
        heartbeat = Heartbeat(
            self.claims,
            claim,
            lease_seconds=self.lease_seconds,
            timeout_seconds=timeout,
            stuck_after_seconds=self.stuck_after_seconds,
            stuck=lambda reason: self._give_up(claim, track, reason, timeout),
        )
        try:
            with heartbeat:
                self._attempt(claim, track, heartbeat, timeout)
        except LeaseLostError as error:
            log.warning("lease.lost", extra={"job_id": job_id, "reason": str(error)})
        except SystemExit:  # the worker is told to stop
            self._give_back(claim)
            raise

    def _give_back(self, claim: Claim) -> None:
        try:
            self.claims.give_back(claim)
        except (LeaseLostError, TransientError) as error:
            log.warning("lease.lost", extra={"job_id": claim.job.id, "reason": str(error)})
        else:
            log.info("job.given_back", extra={"job_id": claim.job.id})

    def _attempt(self, claim: Claim, track: _Track, heartbeat: Heartbeat, timeout: float) -> None:
        progress = Progress(track.stage, track.step, heartbeat.stopping)
        try:
            outcome = self.pipeline(claim.document, progress)
            findings = self._store(claim, outcome)
        except StoppedError:
            self._stopped(claim, track, heartbeat.reason, timeout)
        except GenerationError as error:
            stage = Stage(error.stage) if error.stage else track.now
            self._fail(claim, JobError(error.code, error.message, stage, retryable=False))
        except TransientError as error:
            status = self.claims.try_again(
                claim, error, stage=track.now, max_attempts=self.max_attempts
            )
            log.warning(
                "job.hindered",
                extra={"job_id": claim.job.id, "code": error.code, "status": status.value},
            )
        except LeaseLostError:
            raise
        except Exception:
            log.exception("job.crashed", extra={"job_id": claim.job.id, "stage": track.now})
            message = "An internal error; it has been logged."
            self._fail(claim, JobError("internal_error", message, track.now, retryable=True))
        else:
            self._finish(claim, outcome, findings)

    def _store(self, claim: Claim, outcome: Outcome) -> Findings:
        """Store files and report before the job says that it has them."""
        key = output_key(claim.job.id, claim.fence)
        self.artifacts.put(f"{key}/{PROJECT}", outcome.archive)
        report = json.dumps(asdict(outcome.report), ensure_ascii=False, indent=2)
        self.artifacts.put(f"{key}/{REPORT}", report.encode())
        warnings = [
            {"pointer": "", "code": "verification", "message": message}
            for message in outcome.report.warnings
        ]
        return Findings(
            output_key=key,
            verification=_verification(outcome.report),
            warnings=[*claim.job.warnings, *warnings],
        )

    def _finish(self, claim: Claim, outcome: Outcome, findings: Findings) -> None:
        if not outcome.report.passed:
            self._fail(claim, _unproven(outcome.report), findings)
            return
        artifact = ArtifactFacts(
            file_count=len(outcome.files) + 1,  # and backbone.json
            size_bytes=len(outcome.archive),
            sha256=hashlib.sha256(outcome.archive).hexdigest(),
        )
        self.claims.succeed(claim, artifact, findings)
        log.info("job.succeeded", extra={"job_id": claim.job.id, "attempt": claim.fence})

    def _fail(self, claim: Claim, error: JobError, findings: Findings | None = None) -> None:
        self.claims.fail(claim, error, findings or Findings())
        log.warning("job.failed", extra={"job_id": claim.job.id, "code": error.code})

    def _stopped(
        self, claim: Claim, track: _Track, reason: StopReason | None, timeout: float
    ) -> None:
        if reason is StopReason.CANCELLED:
            self.claims.cancel(claim)
            log.info("job.cancelled", extra={"job_id": claim.job.id})
        elif reason is StopReason.TIMED_OUT:
            message = f"It took longer than {timeout:g} s."
            self._fail(claim, JobError("timed_out", message, track.now, retryable=True))
        else:
            raise LeaseLostError(f"{claim.job.id}: stopped without the lease")

    def _give_up(self, claim: Claim, track: _Track, reason: StopReason, timeout: float) -> None:
        """Record why, then end the process: its work does not listen any more."""
        try:
            self._stopped(claim, track, reason, timeout)
        except (LeaseLostError, TransientError) as error:
            log.warning("lease.lost", extra={"job_id": claim.job.id, "reason": str(error)})
        log.error("worker.stuck", extra={"job_id": claim.job.id, "reason": reason.value})
        self.stuck()


class _Track:
    """Where the work is, told to the database no more often than somebody could read it."""

    def __init__(self, claims: JobClaims, claim: Claim) -> None:
        self._claims = claims
        self._claim = claim
        self._told_at = 0.0
        self.now: Stage | None = None

    def stage(self, stage: Stage) -> None:
        self.now = stage
        self._claims.set_stage(self._claim, stage)

    def step(self, done: int, total: int) -> None:
        now = monotonic()
        if done >= total or now - self._told_at >= PROGRESS_EVERY_SECONDS:
            self._told_at = now
            self._claims.set_progress(self._claim, done, total)


def _verification(report: Report) -> VerificationFacts:
    return VerificationFacts(
        level=report.level,
        passed=report.count(CheckOutcome.PASSED),
        failed=report.count(CheckOutcome.FAILED),
        skipped=report.count(CheckOutcome.SKIPPED),
    )


def _unproven(report: Report) -> JobError:
    failed = [check for check in report.checks if check.outcome is CheckOutcome.FAILED]
    named = "; ".join(
        f"{check.name}: {check.reason}" if check.reason else check.name for check in failed
    )
    return JobError("verification_failed", f"Not proven: {named}", Stage.VERIFY, retryable=False)
