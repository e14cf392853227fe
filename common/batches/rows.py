"""From a row of the table `batches` to a `Batch`."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement

from common.batches.batch import Batch, LineCounts
from common.db.tables import batches
from common.jobs.job import LlmUsage

BATCH_COLUMNS: Final[tuple[ColumnElement[Any], ...]] = tuple(batches.c)
"""What `batch_from_row` reads."""


def batch_from_row(
    row: Any,  # noqa: ANN401 - a Row
    *,
    running: int = 0,
    deferred: int = 0,
    eta_seconds: int | None = None,
) -> Batch:
    """The batch in a row of `BATCH_COLUMNS`, of whose lines so many are `running` and `deferred`.

    All that have not ended are told apart by their jobs; what has ended is in the row.
    """
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
            queued=total - ended - running - deferred,
            running=running,
            deferred=deferred,
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
        eta_seconds=eta_seconds,
    )
