"""The jobs of failed lines, as jobs to be made once more; their documents stay in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, cast, select, type_coerce

from common.db.tables import job_documents, jobs
from common.jobs.new_job import NewJob, submission_warnings
from common.jobs.sizes import Size


def copied_rows(
    connection: Connection, job_ids: Sequence[str], caller_id: str
) -> dict[str, tuple[NewJob, Size]]:
    """By its id each of these jobs that still has a document, as the job that retries it.

    `document` is None, since it is copied inside the database; the size is the document's. None of
    them is deleted before the end of the transaction.
    """
    rows = connection.execute(
        select(
            jobs.c.id,
            jobs.c.kind,
            jobs.c.project_name,
            jobs.c.warnings,
            jobs.c.timeout_seconds,
            jobs.c.table_count,
            jobs.c.verify_level,
            _start_within_seconds(connection.dialect.name).label("start_within_seconds"),
        )
        .join(job_documents, job_documents.c.job_id == jobs.c.id)
        .where(jobs.c.id.in_(job_ids))
        .order_by(jobs.c.id)
        .with_for_update(read=True, key_share=True)
    )
    return {
        row.id: (
            NewJob(
                caller_id,
                None,
                row.project_name,
                kind=row.kind,
                warnings=submission_warnings(row.warnings or ()),
                timeout_seconds=row.timeout_seconds,
                start_within_seconds=row.start_within_seconds,
                retry_of=row.id,
            ),
            {"table_count": row.table_count, "verify_level": row.verify_level},
        )
        for row in rows
    }


def _start_within_seconds(dialect: str) -> ColumnElement[Any]:
    """What the `run` of the stored document asks for."""
    text = job_documents.c.document
    document = type_coerce(text, JSON) if dialect == "sqlite" else cast(text, JSON)
    asked: ColumnElement[Any] = document["run", "start_within_seconds"].as_integer()
    return asked
