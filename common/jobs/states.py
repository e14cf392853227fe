"""How a job may move from one status to another; nothing else ever happens to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from common.jobs.job import JobStatus

MOVES: Final[dict[JobStatus, frozenset[JobStatus]]] = {
    # claimed; cancelled before it began; failed as `not_started_in_time`
    JobStatus.QUEUED: frozenset({JobStatus.RUNNING, JobStatus.CANCELLED, JobStatus.FAILED}),
    # finished, or: given back by a lost worker (queued), held back for another attempt (deferred)
    JobStatus.RUNNING: frozenset(
        {
            JobStatus.SUCCEEDED,
            JobStatus.FAILED,
            JobStatus.CANCELLED,
            JobStatus.QUEUED,
            JobStatus.DEFERRED,
        }
    ),
    # its time has come; cancelled while it waited
    JobStatus.DEFERRED: frozenset({JobStatus.QUEUED, JobStatus.CANCELLED}),
    JobStatus.SUCCEEDED: frozenset(),
    JobStatus.FAILED: frozenset(),
    JobStatus.CANCELLED: frozenset(),
}

BACK_IN_QUEUE: Final[dict[str, Any]] = {
    "status": JobStatus.QUEUED.value,
    "stage": None,
    "stage_started_at": None,
    "progress_done": 0,
    "progress_total": 0,
    "sent_at": None,
    "send_count": 0,
    "deferred_until": None,
    "deferred_reason": None,
}
"""What a job is that waits for a worker once more."""
LET_GO: Final[dict[str, None]] = {"worker": None, "lease_expires_at": None}
"""What a job is that no worker has any more."""
HELD_BACK: Final[dict[str, Any]] = {
    "status": JobStatus.DEFERRED.value,
    "stage": None,
    "stage_started_at": None,
    "progress_done": 0,
    "progress_total": 0,
    **LET_GO,
}
"""What a job is that waits for another attempt to make sense."""


def ended_waiting(now: datetime) -> dict[str, Any]:
    """What a job is that was cancelled while no worker had it."""
    return {
        "status": JobStatus.CANCELLED.value,
        "finished_at": now,
        "sent_at": None,
        "start_by": None,
        "deferred_until": None,
        "deferred_reason": None,
    }


def sources(after: JobStatus) -> tuple[str, ...]:
    """The statuses from which a job may become `after`: the `WHERE status IN` of every change."""
    return tuple(before.value for before, targets in MOVES.items() if after in targets)
