"""The failed lines of a batch, as a batch of their own."""

from __future__ import annotations

from sqlalchemy import Engine, select

from common.batches.batch import Batch
from common.batches.incoming import Incoming
from common.batches.lines import CopiedLine
from common.db.engine import reading
from common.db.tables import batch_lines
from common.errors import RequestError
from common.jobs.job import JobStatus

_AT_ONCE = 200


def copy_failed(engine: Engine, batch: Batch, into: Incoming) -> None:
    """Copy the lines of `batch` that have failed so far, with their numbers and custom_ids.

    RequestError 409 `nothing_failed` where there is none, 410 `documents_gone` where the jobs of
    all of them were deleted, 429 as with every batch.
    """
    last = 0
    while True:
        with reading(engine).connect() as connection:
            rows = connection.execute(
                select(batch_lines.c.number, batch_lines.c.custom_id, batch_lines.c.job_id)
                .where(
                    batch_lines.c.batch_id == batch.id,
                    batch_lines.c.status == JobStatus.FAILED.value,
                    batch_lines.c.number > last,
                )
                .order_by(batch_lines.c.number)
                .limit(_AT_ONCE)
            ).all()
        if not rows:
            break
        last = rows[-1].number
        into.copy([CopiedLine(row.number, row.custom_id, row.job_id) for row in rows])
    if into.line_count == 0:
        raise RequestError(409, "nothing_failed", "None of the lines of this batch has failed.")
    if into.good_count == 0:
        raise RequestError(
            410,
            "documents_gone",
            "The jobs of all failed lines were deleted, with their documents.",
        )
