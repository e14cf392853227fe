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
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
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
    # Quotas of its own; null where those of the settings hold, infinite where none does.
    Column("llm_calls_per_hour", Float),
    Column("llm_tokens_per_hour", Float),
    Column("llm_cost_usd_per_hour", Float),
    # When a model was last asked for this caller: whose turn it is at a quota of all.
    Column("llm_asked_at", Moment),
    # Rates of its own, as the settings spell them; null where those of the settings hold.
    Column("rate_limit_authenticated", Text),
    Column("rate_limit_generation", Text),
    Column("rate_limit_validation", Text),
    # Tokens that were made before are refused: all credentials were revoked then.
    Column("tokens_valid_from", Moment),
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
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    # The key that took its place when it was rotated, or when API_KEY was set to another
    Column("replaced_by", Text),
    # Who made it: the id of a key, `the command line`, or `API_KEY`; unset where nobody kept it
    Column("made_by", Text),
)

revoked_tokens = Table(
    "revoked_tokens",
    metadata,
    # The `jti` of a token that was taken back before its end; kept until then.
    Column("jti", Text, primary_key=True),
    Column("expires_at", Moment, nullable=False, index=True),
)

security_counters = Table(
    "security_counters",
    metadata,
    # How often what other processes than the API's saw has happened; none of them ever falls.
    Column("event", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
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
    # Who goes first: see Lane in `common/jobs/lanes.py`
    Column("lane", SmallInteger, nullable=False, server_default=text("0")),
    # What admission and workers need
    Column("fault_count", Integer, nullable=False),
    Column("worker", Text),
    Column("lease_expires_at", Moment),
    Column("sent_at", Moment),
    Column("send_count", Integer, nullable=False),
    Column("start_by", Moment),
    Column("timeout_seconds", Integer),
    Column("stage_started_at", Moment),
    # How long each stage of the latest attempt took
    Column("stage_seconds", Json),
    # What makes it a long or a short one: see `common/jobs/sizes.py`
    Column("table_count", Integer),
    Column("verify_level", Text),
    # Where the files are (`jobs/<id>/<attempt>`), and whether they have been removed
    Column("output_key", Text),
    Column("output_deleted", Boolean, nullable=False),
    # Sent along by the caller, so that one wish makes one job
    Column("idempotency_key", Text),
    Column("idempotency_sha256", Text),
)

# Lists: newest first is descending by id. The second serves admission (status, lane, whose turn).
Index("ix_jobs_caller_id_id", jobs.c.caller_id, jobs.c.id)
Index(
    "ix_jobs_status_lane_caller_id_id",
    jobs.c.status,
    jobs.c.lane,
    jobs.c.caller_id,
    jobs.c.id,
)
Index("ix_jobs_caller_id_project_name_id", jobs.c.caller_id, jobs.c.project_name, jobs.c.id)


def _index_some(
    name: str, *names: str, where: str, unique: bool = False, table: Table = jobs
) -> None:
    """An index of those rows alone in which `where` is not null: few, or a caller's wish."""
    condition = text(f"{where} IS NOT NULL")
    Index(
        name,
        *(table.c[column] for column in names),
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


_index_some("ix_jobs_batch_id_status_id", "batch_id", "status", "id", where="batch_id")
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

# Which keys are old enough to be cleared
_index_some("ix_jobs_created_at", "created_at", where="idempotency_key")

job_documents = Table(
    "job_documents",
    metadata,
    Column("job_id", Text, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    # JSON text, as it was checked; apart from the job, so that no poll reads it.
    Column("document", Text, nullable=False),
    # What a model made of it, where it was a prompt
    Column("designed", Text),
)

job_events = Table(
    "job_events",
    metadata,
    # A row for every revision of a job, written by a trigger: nothing that changes a job can
    # forget it. Who has read up to a revision goes on from there.
    Column("job_id", Text, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    # By the database's clock
    Column("at", Moment, nullable=False),
    Column("status", Text, nullable=False),
    Column("stage", Text),
    Column("progress_done", Integer, nullable=False),
    Column("progress_total", Integer, nullable=False),
)

batches = Table(
    "batches",
    metadata,
    Column("id", Text, primary_key=True),
    Column("caller_id", Text, ForeignKey("callers.id"), nullable=False),
    Column("retry_of", Text),
    Column("created_at", Moment, nullable=False),
    # Null while its lines are still coming in: until then it is not there for anybody
    Column("accepted_at", Moment),
    Column("paused_at", Moment),
    Column("cancel_requested_at", Moment),
    Column("finished_at", Moment),
    # Rises with every change that callers see, but for what its jobs do before they finish
    Column("revision", BigInteger, nullable=False),
    # All that were sent, and those of them that no job was made for
    Column("line_count", Integer, nullable=False),
    Column("refused_count", Integer, nullable=False),
    # Lines with the same document share a job
    Column("job_count", Integer, nullable=False),
    # Raised with each job that finishes, in the same transaction: by one, by its lines (of their
    # outcome), by what it used
    Column("finished_count", Integer, nullable=False),
    Column("succeeded_count", Integer, nullable=False),
    Column("failed_count", Integer, nullable=False),
    Column("cancelled_count", Integer, nullable=False),
    Column("llm_calls", Integer, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("cost_usd", Float, nullable=False),
    Column("max_cost_usd", Float),
    Column("idempotency_key", Text),
    Column("idempotency_sha256", Text),
)
Index("ix_batches_caller_id_id", batches.c.caller_id, batches.c.id)
Index("ix_batches_caller_id_accepted_at", batches.c.caller_id, batches.c.accepted_at)
_index_some(
    "uq_batches_caller_id_idempotency_key",
    "caller_id",
    "idempotency_key",
    where="idempotency_key",
    unique=True,
    table=batches,
)

batch_lines = Table(
    "batch_lines",
    metadata,
    Column("batch_id", Text, ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
    # Counted from 1, as people count lines
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("custom_id", Text),
    # Null for a line that was refused, and once its job has been deleted
    Column("job_id", Text, ForeignKey("jobs.id", ondelete="SET NULL")),
    # Each {"pointer", "code", "message"}, of a line that was refused
    Column("faults", Json),
    # `refused`, or how its job ended; null until then
    Column("status", Text),
    # Which of its batch's jobs its own was to finish, 0 for a line that was refused: commits are in
    # this order, so whoever has read up to a number misses nothing
    Column("finished_number", Integer),
)
_index_some(
    "ix_batch_lines_batch_id_finished_number_number",
    "batch_id",
    "finished_number",
    "number",
    where="finished_number",
    table=batch_lines,
)
_index_some("ix_batch_lines_job_id", "job_id", where="job_id", table=batch_lines)

llm_calls = Table(
    "llm_calls",
    metadata,
    # The ledger: what was asked of models, and what it came to. It outlives the jobs.
    Column("id", Text, primary_key=True),
    Column("caller_id", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    # The attempt of the job that asked: while that runs, nobody else decides about the call
    Column("attempt", Integer, nullable=False),
    Column("stage", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("input_sha256", Text, nullable=False),
    # See CallStatus in `common/llm/ledger.py`
    Column("status", Text, nullable=False),
    Column("reserved_at", Moment, nullable=False),
    # When it was known what became of it; an hour later it counts no more
    Column("settled_at", Moment),
    # The most that it can come to, until it is settled
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("cost_usd", Float, nullable=False),
)
Index("ix_llm_calls_settled_at", llm_calls.c.settled_at)
Index("ix_llm_calls_caller_id_settled_at", llm_calls.c.caller_id, llm_calls.c.settled_at)
Index("ix_llm_calls_job_id", llm_calls.c.job_id)

llm_answers = Table(
    "llm_answers",
    metadata,
    # Written with the settlement: what was received is never bought again.
    Column("job_id", Text, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("input_sha256", Text, primary_key=True),
    # See Finish in `common/llm/answers.py`
    Column("finish", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("model", Text, nullable=False),
)

llm_holds = Table(
    "llm_holds",
    metadata,
    # Providers that asked to be left alone for a while
    Column("provider", Text, primary_key=True),
    Column("until", Moment, nullable=False),
    # How often in a row it said so, and since when; both until it answers
    Column("count", Integer, nullable=False, server_default=text("0")),
    Column("since", Moment),
)

llm_waits = Table(
    "llm_waits",
    metadata,
    # Jobs that wait for a quota: see `common/llm/waiting.py`
    Column("job_id", Text, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("caller_id", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    # The most that its next call can come to
    Column("tokens", BigInteger, nullable=False),
    Column("cost_usd", Float, nullable=False),
)

llm_counters = Table(
    "llm_counters",
    metadata,
    # What metrics say of calls since the beginning; none of them ever falls.
    Column("name", Text, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("label", Text, primary_key=True),
    Column("value", Float, nullable=False),
)
