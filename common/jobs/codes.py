"""Why jobs fail and how attempts end: every code there is, each in one place.

`docs/jobs.md` tells what each of them means, and a test holds the two against each other.
"""

from __future__ import annotations

from enum import StrEnum


class ErrorCode(StrEnum):
    """Why a job failed (`error.code`), or waits for its next attempt (`deferred_reason`)."""

    INVALID_DOCUMENT = "invalid_document"
    RENDER_FAILED = "render_failed"
    PROJECT_TOO_LARGE = "project_too_large"
    OPERATION_UNPROVEN = "operation_unproven"
    NO_ISOLATION = "no_isolation"
    VERIFICATION_FAILED = "verification_failed"
    TIMED_OUT = "timed_out"
    WORKER_LOST = "worker_lost"
    NOT_STARTED_IN_TIME = "not_started_in_time"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    FORMATTER_LOST = "formatter_lost"
    SANDBOX_LOST = "sandbox_lost"
    ENGINE_LOST = "engine_lost"
    LLM_NOT_CONFIGURED = "llm_not_configured"
    LLM_REJECTED = "llm_rejected"
    LLM_REFUSED = "llm_refused"
    LLM_ANSWER_TOO_LONG = "llm_answer_too_long"
    LLM_COST_LIMIT = "llm_cost_limit"
    LLM_QUOTA = "llm_quota"
    LLM_BUSY = "llm_busy"
    LLM_UNAVAILABLE = "llm_unavailable"
    DESIGN_FAILED = "design_failed"
    INTERNAL_ERROR = "internal_error"


class AttemptOutcome(StrEnum):
    """How an attempt ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TRANSIENT = "transient"
    """A fault of the surroundings; the job is tried again, if it was not the last time."""
    DEFERRED = "deferred"
    """A quota, or a provider, has it wait; this counts towards nothing."""
    WORKER_LOST = "worker_lost"
    """Its lease ran out."""
    WORKER_STOPPED = "worker_stopped"
    """Its worker was told to stop, and gave the job back."""


def recorded_code(code: str) -> ErrorCode:
    """The code to be recorded on a job for an error of the surroundings.

    What no job should have met (say, a queue that is away) is a bug of ours, and called one.
    """
    return ErrorCode(code) if code in set(ErrorCode) else ErrorCode.INTERNAL_ERROR
