"""A job as everybody sees it: the same fields on the wire, in Python and in SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from common.jobs.codes import AttemptOutcome, ErrorCode

VERIFICATION_WARNING: Final = "verification"
"""The code of the warnings that a run adds to those of the submission."""


class JobStatus(StrEnum):
    """Where a job is in its life. The transitions between these are in `states.py`."""

    QUEUED = "queued"
    """Accepted and stored; waits for a worker."""
    RUNNING = "running"
    """A worker holds its lease."""
    DEFERRED = "deferred"
    """Held back until `deferred_until`, by a quota or by the delay before another attempt."""
    SUCCEEDED = "succeeded"
    """Every check that it asked for passed; the artifact is there."""
    FAILED = "failed"
    """It ended without an artifact; `error` says why."""
    CANCELLED = "cancelled"
    """The caller stopped it."""


FINISHED = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED})


class Stage(StrEnum):
    """What a running job is doing."""

    DESIGN = "design"
    PLAN = "plan"
    RENDER = "render"
    IMPLEMENT = "implement"
    VERIFY = "verify"
    PACKAGE = "package"


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed. `code` is stable; `retryable` says whether trying again may help."""

    code: ErrorCode
    message: str
    stage: Stage | None
    retryable: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """One claim of a job by a worker, and how it ended (None while it runs)."""

    number: int
    worker: str
    started_at: datetime
    ended_at: datetime | None
    outcome: AttemptOutcome | None
    message: str | None


@dataclass(frozen=True, slots=True)
class ArtifactFacts:
    """What is known of a finished artifact without opening it."""

    file_count: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class VerificationFacts:
    """How many checks there were and how they ended."""

    level: str
    passed: int
    failed: int
    skipped: int


@dataclass(frozen=True, slots=True)
class LlmUsage:
    """What the calls to a model for this job came to."""

    llm_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Job:
    """One run of one document."""

    id: str
    caller_id: str
    kind: str
    """`generate` or `design`"""
    status: JobStatus
    stage: Stage | None
    progress_done: int
    progress_total: int
    revision: int
    """Rises with every stored change; the ETag."""
    project_name: str | None
    batch_id: str | None
    retry_of: str | None
    attempt_count: int
    attempts: tuple[Attempt, ...]
    queue_position: int | None
    eta_seconds: int | None
    deferred_until: datetime | None
    deferred_reason: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime | None
    cancel_requested_at: datetime | None
    warnings: tuple[dict[str, str], ...] = ()
    """Each `{"pointer": …, "code": …, "message": …}`"""
    error: JobError | None = None
    artifact: ArtifactFacts | None = None
    verification: VerificationFacts | None = None
    usage: LlmUsage = field(default_factory=LlmUsage)
    output_kept: bool = False
    """Whether its files and its report are stored: they were made, and have not expired."""

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in FINISHED
