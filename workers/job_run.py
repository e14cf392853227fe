"""One attempt at one job: claim it, run the pipeline, store what it made, record how it ended."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Final, TypeVar

from common.artifacts import PROJECT, REPORT, ArtifactStore, output_key
from common.errors import DeferredError, GenerationError, TransientError
from common.jobs.claim import Claim, Findings, LeaseLostError
from common.jobs.claims import JobClaims
from common.jobs.codes import ErrorCode
from common.jobs.job import (
    VERIFICATION_WARNING,
    ArtifactFacts,
    Job,
    JobError,
    JobStatus,
    Stage,
    VerificationFacts,
)
from common.jobs.retry import checkpoint_sources
from workers.checkpoints import Checkpoints, note_round
from workers.heartbeat import Heartbeat, Pulse, StopReason, TimeLimits
from workers.llm.model import Model
from workers.pipeline import Outcome, Progress, StoppedError, UnfinishedError
from workers.report import Outcome as CheckOutcome
from workers.report import Report, write_report
from workers.stage_clock import StageClock
from workers.stages.design import Design
from workers.stored_checkpoints import StoredCheckpoints

RECORD_AGAIN_SECONDS: Final = 0.5

_OF_THE_MODEL: Final = frozenset({ErrorCode.DESIGN_FAILED, ErrorCode.OPERATION_UNPROVEN})
"""The same answers would end in the same way: a retry has to ask for others."""

Written = TypeVar("Written")

log = logging.getLogger("backbone.worker")

Pipeline = Callable[[object, Progress, Checkpoints, Model | None], Outcome]
"""Makes a project of the document: `run_pipeline` with everything but the job filled in."""
Designer = Callable[[object, Progress, Checkpoints, Model | None], object]
"""Makes a document of a prompt: `run_design`, likewise."""
ModelFor = Callable[[Claim, Callable[[], bool]], Model | None]
"""The model for an attempt, which asks often whether it has to stop; nothing is imported for it."""


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
    stage_timeout_seconds: float
    """The longest that each of its stages may take"""
    max_attempts: int
    stuck: Callable[[], None]
    """Ends this process; called when work does not stop though it has to"""
    stuck_after_seconds: float = 30
    """How long that may take"""
    pulse: Pulse = field(default_factory=Pulse)
    model_for: ModelFor | None = None
    designer: Designer | None = None

    def run(self, job_id: str) -> None:
        """Run the job if it still has to be run; whatever comes of it is recorded, not raised.

        TransientError if there is no database to claim it from; SystemExit, with the job given
        back, if this process is told to stop.
        """
        try:
            self._run(job_id)
        except SystemExit:
            self._give_back(job_id)
            raise

    def _run(self, job_id: str) -> None:
        claim = self.claims.claim(job_id, self.worker)
        if claim is None:
            log.info("job.skipped", extra={"job_id": job_id})
            return
        log.info("job.claimed", extra={"job_id": job_id, "attempt": claim.fence})
        attempt = _Attempt(self, claim)
        try:
            attempt.make()
        except LeaseLostError as error:
            log.warning("lease.lost", extra={"job_id": job_id, "reason": str(error)})
            attempt.leave()

    def _give_back(self, job_id: str) -> None:
        """Let another worker have the job, if there is time for that.

        Who is told to stop in the midst of a claim, or of an end, does not know whether it was
        written: the database does.
        """
        try:
            claim = self.claims.find_held(job_id, self.worker)
            if claim is not None:
                _Attempt(self, claim).give_back()
        except (LeaseLostError, TransientError) as error:
            log.warning("lease.lost", extra={"job_id": job_id, "reason": str(error)})


class _Attempt:
    """One claim from its beginning to its end."""

    def __init__(self, setting: JobRun, claim: Claim) -> None:
        self._setting = setting
        self._claims = setting.claims
        self._claim = claim
        self._clock = StageClock()
        self._output_key: str | None = None
        self._warnings = list(claim.job.warnings)
        self._checkpoints = StoredCheckpoints(
            setting.artifacts,
            claim.job.id,
            sources=_sources(claim.job),
            on_found=self._clock.take_over,
        )
        self._heartbeat = Heartbeat(
            setting.pulse,
            setting.claims,
            claim,
            self._clock,
            lease_seconds=setting.lease_seconds,
            limits=_limits(setting, claim),
            stuck_after_seconds=setting.stuck_after_seconds,
            stuck=self._give_up,
        )

    def make(self) -> None:
        """Make the project and record what came of it; LeaseLostError if that is for others now."""
        with self._heartbeat:
            try:
                finish = self._design() if self._claim.job.kind == "design" else self._generate()
            except StoppedError:
                self._stopped(self._heartbeat.reason)
            except GenerationError as error:
                self._fail(self._told(error))
            except TransientError as error:
                self._try_again(error)
            except DeferredError as error:
                self._defer(error)
            except LeaseLostError:
                raise
            except Exception:
                log.exception("job.crashed", extra=self._names | {"stage": self._stage})
                message = "An internal error; it has been logged."
                self._fail(JobError(ErrorCode.INTERNAL_ERROR, message, self._stage, retryable=True))
            else:
                finish()

    def _generate(self) -> Callable[[], None]:
        try:
            outcome = self._setting.pipeline(
                self._claim.document, self._progress(), self._checkpoints, self._model()
            )
        except UnfinishedError as error:
            told = self._told(error)
            left = replace(self._store(error.outcome), verification=None)  # nothing was verified
            return lambda: self._fail(told, left)
        findings = self._store(outcome)
        return lambda: self._finish(outcome, findings)

    def _design(self) -> Callable[[], None]:
        assert self._setting.designer is not None  # noqa: S101 - every worker has one
        self._setting.designer(
            self._claim.document, self._progress(), self._checkpoints, self._model()
        )
        return self._finish_design

    def give_back(self) -> None:
        """Let another worker have the job; LeaseLostError if another has it already."""
        if not self._was_cancelled(self._claims.give_back(self._claim)):
            self._log(logging.INFO, "job.given_back")

    def leave(self) -> None:
        """Take away what nobody will ask for: another has the job now, or it is over."""
        try:
            became = self._claims.what_became_of(self._claim)
            if self._output_key is not None and became.output_key != self._output_key:
                self._setting.artifacts.delete(self._output_key)
            if became.over:
                self._checkpoints.clear()
        except TransientError as error:  # it goes with the job
            self._log(logging.WARNING, "job.not_tidied", reason=error.message)

    @property
    def _stage(self) -> Stage | None:
        return self._clock.doing.stage

    def _told(self, error: GenerationError) -> JobError:
        stage = Stage(error.stage) if error.stage else self._stage
        return JobError(error.code, error.message, stage, retryable=error.retryable)

    def _progress(self) -> Progress:
        return Progress(
            self._clock.begin, self._clock.step, self._heartbeat.stopping, self._keep_design
        )

    def _keep_design(self, design: Design) -> None:
        """Let the caller see the document at once, whatever becomes of it."""
        self._record(lambda: self._claims.set_designed(self._claim, design.document))
        odd = [asdict(warning) for warning in design.warnings]
        self._warnings += [each for each in odd if each not in self._warnings]

    def _model(self) -> Model | None:
        if self._setting.model_for is None:
            return None
        return self._setting.model_for(self._claim, self._heartbeat.stopping)

    def _store(self, outcome: Outcome) -> Findings:
        """Store files and report before the job says that it has them."""
        self._output_key = key = output_key(self._claim.job.id, self._claim.fence)
        self._setting.artifacts.put_all(
            {
                f"{key}/{PROJECT}": outcome.archive,
                f"{key}/{REPORT}": write_report(outcome.report),
            }
        )
        warnings = [
            {"pointer": "", "code": VERIFICATION_WARNING, "message": message}
            for message in outcome.report.warnings
        ]
        return Findings(
            output_key=key,
            verification=_verification(outcome.report),
            warnings=[*self._warnings, *warnings],
        )

    def _finish(self, outcome: Outcome, findings: Findings) -> None:
        if not outcome.report.passed:
            self._fail(_unproven(outcome.report), findings)
            return
        artifact = ArtifactFacts(
            file_count=len(outcome.files) + 1,  # and backbone.json
            size_bytes=len(outcome.archive),
            sha256=hashlib.sha256(outcome.archive).hexdigest(),
        )
        done = self._with_times(findings)
        status = self._record(lambda: self._claims.succeed(self._claim, artifact, done))
        if self._was_cancelled(status):
            return
        self._log(logging.INFO, "job.succeeded")
        self._checkpoints.clear()
        self._tidy()

    def _finish_design(self) -> None:
        """The document is on the job already; there is nothing else to keep."""
        done = self._with_times(Findings(warnings=self._warnings))
        status = self._record(lambda: self._claims.succeed(self._claim, None, done))
        if not self._was_cancelled(status):
            self._log(logging.INFO, "job.succeeded")
            self._checkpoints.clear()

    def _fail(self, error: JobError, findings: Findings | None = None) -> None:
        left = self._with_times(findings or Findings())
        status = self._record(lambda: self._claims.fail(self._claim, error, left))
        if self._was_cancelled(status):
            return
        self._log(logging.WARNING, "job.failed", code=error.code)
        if error.stage is not None and error.code in _OF_THE_MODEL:
            note_round(self._checkpoints, error.stage)
        self._tidy()

    def _try_again(self, error: TransientError) -> None:
        most = self._setting.max_attempts
        status = self._record(
            lambda: self._claims.try_again(self._claim, error, stage=self._stage, max_attempts=most)
        )
        if self._was_cancelled(status):
            return
        self._log(logging.WARNING, "job.hindered", code=error.code, reason=str(error.__cause__))

    def _defer(self, error: DeferredError) -> None:
        if self._was_cancelled(self._record(lambda: self._claims.defer(self._claim, error))):
            return
        self._log(logging.INFO, "job.deferred", code=error.code, until=error.until.isoformat())

    def _stopped(self, reason: StopReason | None) -> None:
        if reason is StopReason.CANCELLED:
            left = self._with_times(Findings())
            self._was_cancelled(self._record(lambda: self._claims.cancel(self._claim, left)))
        elif reason is StopReason.TIMED_OUT:
            message = self._heartbeat.exceeded
            self._fail(JobError(ErrorCode.TIMED_OUT, message, self._stage, retryable=True))
        else:
            raise LeaseLostError(f"{self._claim.job.id}: stopped without the lease")

    def _give_up(self, reason: StopReason) -> None:
        """Record why, then end the process: its work does not listen any more."""
        try:
            self._stopped(reason)
        except (LeaseLostError, TransientError) as error:
            self._log(logging.WARNING, "lease.lost", reason=str(error))
        self._log(logging.ERROR, "worker.stuck", reason=reason.value)
        self._setting.stuck()

    def _was_cancelled(self, status: JobStatus) -> bool:
        """Whether that is what it was; what this attempt stored is then nobody's."""
        if status is not JobStatus.CANCELLED:
            return False
        self._log(logging.INFO, "job.cancelled")
        self._tidy(until=self._claim.fence + 1)
        return True

    def _tidy(self, until: int | None = None) -> None:
        """Take away what earlier attempts stored and had no time to say so: nobody asks for it."""
        try:
            for number in range(1, until or self._claim.fence):
                self._setting.artifacts.delete(output_key(self._claim.job.id, number))
        except TransientError as error:  # it goes with the job
            self._log(logging.WARNING, "job.not_tidied", reason=error.message)

    def _with_times(self, findings: Findings) -> Findings:
        return replace(findings, stage_seconds=self._clock.spent_seconds())

    def _record(self, write: Callable[[], Written]) -> Written:
        """Write what must not be lost, for as long as the lease lasts if the database is away."""
        while True:
            try:
                return write()
            except TransientError as error:
                if self._heartbeat.reason is StopReason.LEASE_LOST:
                    raise LeaseLostError("there was no database to record the end in") from error
                time.sleep(RECORD_AGAIN_SECONDS)

    @property
    def _names(self) -> dict[str, object]:
        return {"job_id": self._claim.job.id, "attempt": self._claim.fence}

    def _log(self, level: int, event: str, **more: object) -> None:
        log.log(level, event, extra=self._names | more)


def _sources(job: Job) -> tuple[str, ...]:
    """Whose checkpoints there may be: nobody looks for those of a first attempt."""
    return tuple(
        each for each in checkpoint_sources(job) if each != job.id or job.attempt_count > 1
    )


def _limits(setting: JobRun, claim: Claim) -> TimeLimits:
    own, asked = setting.timeout_seconds, claim.timeout_seconds
    if asked is not None and asked < own:
        return TimeLimits(asked, "run.timeout_seconds", setting.stage_timeout_seconds)
    return TimeLimits(own, "JOB_TIMEOUT_SECONDS", setting.stage_timeout_seconds)


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
    return JobError(
        ErrorCode.VERIFICATION_FAILED, f"Not proven: {named}", Stage.VERIFY, retryable=False
    )
