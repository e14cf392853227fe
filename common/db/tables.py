"""The platform's tables, as SQLAlchemy Core; migrations bring a database to this state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.sqlite import DATETIME


class _SqliteMoment(DATETIME):
    """RFC 3339 text in UTC, of one width: it sorts as time does and people can read it."""

    cache_ok = True

    def bind_processor(self, _dialect: Dialect) -> Callable[[datetime | None], str | None]:
        def store(moment: datetime | None) -> str | None:
            return None if moment is None else moment.isoformat(timespec="microseconds")

        return store

    def result_processor(
        self, _dialect: Dialect, _coltype: object
    ) -> Callable[[str | None], datetime | None]:
        parse = datetime.fromisoformat

        def load(stored: str | None) -> datetime | None:
            return None if stored is None else parse(stored)

        return load


Moment: Final = DateTime(timezone=True).with_variant(
    _SqliteMoment(),  # type: ignore[no-untyped-call]  # SQLAlchemy leaves its parent untyped
    "sqlite",
)
"""A moment in UTC."""
Json: Final = JSON(none_as_null=True)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

callers = Table(
    "callers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    # When a job of this caller was last sent to the workers: whose turn it is.
    Column("served_at", Moment),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("caller_id", Text, ForeignKey("callers.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False, index=True),
    Column("sha256", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    # `made` by the command line, or `settings`: the API_KEY of the environment.
    Column("origin", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Column("revoked_at", Moment),
)

jobs = Table(
    "jobs",
    metadata,
    # What callers see
    Column("id", Text, primary_key=True),
    Column("caller_id", Text, ForeignKey("callers.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("stage", Text),
    Column("progress_done", Integer, nullable=False),
    Column("progress_total", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("project_name", Text),
    Column("batch_id", Text),
    Column("retry_of", Text),
    # Rises with every claim; also the number that fences off workers which lost their lease.
    Column("attempt_count", Integer, nullable=False),
    Column("attempts", Json),
    Column("deferred_until", Moment),
    Column("deferred_reason", Text),
    Column("created_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    Column("expires_at", Moment),
    Column("cancel_requested_at", Moment),
    Column("warnings", Json),
    Column("error", Json),
    Column("artifact", Json),
    Column("verification", Json),
    Column("usage", Json),
    # What admission and workers need
    Column("fault_count", Integer, nullable=False),
    Column("worker", Text),
    Column("lease_expires_at", Moment),
    Column("sent_at", Moment),
    Column("send_count", Integer, nullable=False),
    Column("start_by", Moment),
    Column("timeout_seconds", Integer),
    # Where the files are (`jobs/<id>/<attempt>`), and whether they have been removed
    Column("output_key", Text),
    Column("output_deleted", Boolean, nullable=False),
    # Sent along by the caller, so that one wish makes one job
    Column("idempotency_key", Text),
    Column("idempotency_sha256", Text),
)

# Lists: newest first is descending by id. The second also serves admission (status, whose turn).
Index("ix_jobs_caller_id_id", jobs.c.caller_id, jobs.c.id)
Index("ix_jobs_status_caller_id_id", jobs.c.status, jobs.c.caller_id, jobs.c.id)
Index("ix_jobs_caller_id_project_name_id", jobs.c.caller_id, jobs.c.project_name, jobs.c.id)


def _index_some(name: str, *names: str, where: str, unique: bool = False) -> None:
    """An index of those jobs alone in which `where` is not null: few, or a caller's wish."""
    condition = text(f"{where} IS NOT NULL")
    Index(
        name,
        *(jobs.c[column] for column in names),
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


_index_some("ix_jobs_batch_id_id", "batch_id", "id", where="batch_id")
_index_some("ix_jobs_sent_at", "sent_at", where="sent_at")
_index_some("ix_jobs_lease_expires_at", "lease_expires_at", where="lease_expires_at")
_index_some("ix_jobs_deferred_until", "deferred_until", where="deferred_until")
_index_some("ix_jobs_start_by", "start_by", where="start_by")
_index_some("ix_jobs_output_deleted_expires_at", "output_deleted", "expires_at", where="expires_at")
_index_some("ix_jobs_finished_at", "finished_at", where="finished_at")
_index_some(
    "uq_jobs_caller_id_idempotency_key",
    "caller_id",
    "idempotency_key",
    where="idempotency_key",
    unique=True,
)

job_documents = Table(
    "job_documents",
    metadata,
    Column("job_id", Text, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    # JSON text, as it was checked; apart from the job, so that no poll reads it.
    Column("document", Text, nullable=False),
)
