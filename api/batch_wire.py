"""The shapes of answers about batches, for `/openapi.json`."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.wire import (
    ArtifactShape,
    FaultShape,
    JobErrorShape,
    Problem,
    UsageShape,
    VerificationShape,
)
from common.batches.batch import BatchStatus, HeldReason


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LineFaultShape(FaultShape):
    """What is wrong with one line."""

    line: int = Field(description="Counted from 1; blank lines count.")
    custom_id: str | None = Field(description="Null where the line has none that can be used.")
    pointer: str = Field(description="RFC 6901 into the line; empty for the whole of it.")


class LineProblem(Problem):
    """A batch that was refused."""

    errors: list[LineFaultShape | FaultShape] | None = Field(
        None, description="Everything that is wrong with its lines, or with it as a whole."
    )


class LineCountsShape(_Shape):
    """Accepted lines by what became of their jobs; `total` is the sum of the others."""

    total: int
    queued: int
    running: int
    deferred: int
    succeeded: int
    failed: int
    cancelled: int


class BatchLinksShape(_Shape):
    """Where to go from here; null where there is nothing (yet)."""

    self: str
    jobs: str
    results: str
    artifact: str | None
    cancel: str | None
    pause: str | None
    resume: str | None
    retry_failed: str | None


class BatchShape(_Shape):
    """Many documents that were accepted together."""

    model_config = ConfigDict(extra="forbid", title="Batch")

    id: str
    status: BatchStatus
    held_reason: HeldReason | None = Field(description="Why it is paused.")
    counts: LineCountsShape
    line_count: int = Field(description="Lines that were sent, blank ones not counted.")
    refused_count: int = Field(description="Those of them that no job was made for.")
    job_count: int = Field(description="Lines with the same document share a job.")
    created_at: AwareDatetime
    paused_at: AwareDatetime | None
    cancel_requested_at: AwareDatetime | None
    finished_at: AwareDatetime | None
    retry_of: str | None
    eta_seconds: int | None
    max_cost_usd: float | None
    usage: UsageShape = Field(description="Of the jobs that have ended.")
    links: BatchLinksShape
    errors: list[LineFaultShape] = Field(
        description="What is wrong with lines: all of it where the batch is accepted, else the"
        " first 100; the results have all."
    )


class CancelledBatchShape(BatchShape):
    """The batch, and what the cancel came to."""

    model_config = ConfigDict(extra="forbid", title="CancelledBatch")

    cancel: Literal["requested", "already_finished"]
    detail: str


class BatchPageShape(_Shape):
    """Batches, newest first."""

    items: list[BatchShape]
    next_cursor: str | None = Field(description="Ask with it for what follows; null at the end.")


class ResultLinksShape(_Shape):
    """Where to find what the job made; null where there is nothing, or not any more."""

    job: str | None
    artifact: str | None
    files: str | None
    report: str | None


class LineResultShape(_Shape):
    """One line of the results."""

    model_config = ConfigDict(extra="forbid", title="LineResult")

    line: int
    custom_id: str | None
    job_id: str | None = Field(description="Null once the job has been deleted.")
    status: Literal["refused", "succeeded", "failed", "cancelled"]
    error: JobErrorShape | None
    errors: list[FaultShape] = Field(description="Of a line that was refused.")
    verification: VerificationShape | None
    artifact: ArtifactShape | None
    finished_at: AwareDatetime | None
    links: ResultLinksShape
