"""A batch as everybody sees it: the same fields on the wire, in Python and in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from common.errors import Fault, RequestError
from common.jobs.job import LlmUsage

REFUSED: Final = "refused"
"""The status of a line that no job was made for; others end as their jobs do."""


class BatchStatus(StrEnum):
    """Where a batch is in its life."""

    RUNNING = "running"
    """Its jobs are run, or wait for their turn."""
    PAUSED = "paused"
    """None of its jobs is begun; `held_reason` says why. Those that run go on to their end."""
    CANCELLING = "cancelling"
    """It was cancelled, and some of its jobs are still being stopped."""
    FINISHED = "finished"
    """Every job of it has ended, one way or another."""
    CANCELLED = "cancelled"
    """It was cancelled, and every job of it has ended."""


class HeldReason(StrEnum):
    """Why none of a batch's jobs is begun; also the `deferred_reason` of those that wait."""

    PAUSED = "batch_paused"
    """Its caller paused it."""
    MAX_COST = "max_cost_reached"
    """Its jobs have cost `max_cost_usd`, and more than nothing."""


@dataclass(frozen=True, slots=True)
class LineCounts:
    """Lines by what became of their jobs; `total` is the sum of the others."""

    total: int
    queued: int
    running: int
    deferred: int
    succeeded: int
    failed: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong with one line; `fault.pointer` leads into the line."""

    line: int
    """Counted from 1"""
    custom_id: str | None
    """None where it can't be known"""
    fault: Fault


@dataclass(frozen=True, slots=True)
class Batch:
    """Many documents that were accepted together."""

    id: str
    caller_id: str
    retry_of: str | None
    created_at: datetime
    paused_at: datetime | None
    cancel_requested_at: datetime | None
    finished_at: datetime | None
    revision: int
    """Rises with every job that finishes, and with what is done to the batch as a whole."""
    counts: LineCounts
    """Of the lines that were accepted"""
    line_count: int
    """All that were sent"""
    refused_count: int
    job_count: int
    """Lines with the same document share a job."""
    finished_count: int
    """How many of the jobs have ended"""
    usage: LlmUsage
    """Of the jobs that have ended"""
    max_cost_usd: float | None
    eta_seconds: int | None = None

    @property
    def held_reason(self) -> HeldReason | None:
        """Why none of its jobs is begun; None where they are."""
        if self.finished_at is not None or self.cancel_requested_at is not None:
            return None
        return held_reason(self.paused_at, self.usage.cost_usd, self.max_cost_usd)

    @property
    def status(self) -> BatchStatus:
        """Where it is in its life."""
        if self.cancel_requested_at is not None:
            over = self.finished_at is not None
            return BatchStatus.CANCELLED if over else BatchStatus.CANCELLING
        if self.finished_at is not None:
            return BatchStatus.FINISHED
        return BatchStatus.RUNNING if self.held_reason is None else BatchStatus.PAUSED

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.finished_at is not None


def is_spent(cost_usd: float, max_cost_usd: float | None) -> bool:
    """Whether a batch has cost what it may: with a maximum of 0 once it has cost anything."""
    return max_cost_usd is not None and cost_usd > 0 and cost_usd >= max_cost_usd


def held_reason(
    paused_at: datetime | None, cost_usd: float, max_cost_usd: float | None
) -> HeldReason | None:
    """Why none of the jobs of a batch that goes on is begun; None where they are."""
    if is_spent(cost_usd, max_cost_usd):
        return HeldReason.MAX_COST
    return None if paused_at is None else HeldReason.PAUSED


def no_such_batch() -> RequestError:
    """The one answer for another caller's batch and for an id that never was."""
    return RequestError(404, "batch_not_found", "There is no such batch.")
