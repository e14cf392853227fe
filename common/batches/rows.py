"""From a row of the table `batches` to a `Batch`."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, func, select

from common.batches.batch import Batch, LineCounts
from common.db.tables import batch_lines, batches, jobs
from common.jobs.job import JobStatus, LlmUsage


def _lines_whose_job_is(status: JobStatus) -> ColumnElement[int]:
    return (
        select(func.count())
        .select_from(jobs)
        .join(batch_lines, batch_lines.c.job_id == jobs.c.id)
        .where(jobs.c.batch_id == batches.c.id, jobs.c.status == status.value)
        .scalar_subquery()
        .label(f"{status.value}_count")
    )


BATCH_COLUMNS: Final[tuple[ColumnElement[Any], ...]] = (
    *batches.c,
    # With the others, so that all of them are of one moment
    _lines_whose_job_is(JobStatus.RUNNING),
    _lines_whose_job_is(JobStatus.DEFERRED),
)
"""What `batch_from_row` reads."""


def batch_from_row(
    row: Any,  # noqa: ANN401 - a Row
) -> Batch:
    """The batch in a row of `BATCH_COLUMNS`."""
    total = row.line_count - row.refused_count
    ended = row.succeeded_count + row.failed_count + row.cancelled_count
    return Batch(
        id=row.id,
        caller_id=row.caller_id,
        retry_of=row.retry_of,
        created_at=row.created_at,
        paused_at=row.paused_at,
        cancel_requested_at=row.cancel_requested_at,
        finished_at=row.finished_at,
        revision=row.revision,
        counts=LineCounts(
            total=total,
            queued=total - ended - row.running_count - row.deferred_count,
            running=row.running_count,
            deferred=row.deferred_count,
            succeeded=row.succeeded_count,
            failed=row.failed_count,
            cancelled=row.cancelled_count,
        ),
        line_count=row.line_count,
        refused_count=row.refused_count,
        job_count=row.job_count,
        finished_count=row.finished_count,
        usage=LlmUsage(row.llm_calls, row.input_tokens, row.output_tokens, row.cost_usd),
        max_cost_usd=row.max_cost_usd,
    )
