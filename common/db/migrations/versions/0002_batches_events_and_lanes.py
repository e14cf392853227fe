"""Batches and their lines, the events of jobs, and the lanes that jobs wait in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)

# What a job's row says of it, at every revision. The database's clock, because bulk changes and
# single ones, from whatever process, are all written down by the same statement.
_EVENT = """
INSERT INTO job_events (job_id, revision, at, status, stage, progress_done, progress_total)
VALUES (NEW.id, NEW.revision, {now}, NEW.status, NEW.stage, NEW.progress_done, NEW.progress_total)
"""
_SQLITE_NOW = "strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000+00:00'"
_SQLITE = (
    f"CREATE TRIGGER job_inserted AFTER INSERT ON jobs BEGIN {_EVENT.format(now=_SQLITE_NOW)}; END",
    (
        "CREATE TRIGGER job_changed AFTER UPDATE OF revision ON jobs"
        f" WHEN NEW.revision <> OLD.revision BEGIN {_EVENT.format(now=_SQLITE_NOW)}; END"
    ),
)
_POSTGRESQL = (
    (
        "CREATE FUNCTION keep_job_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" {_EVENT.format(now='clock_timestamp()')}; RETURN NULL; END $$"
    ),
    (
        "CREATE TRIGGER job_inserted AFTER INSERT ON jobs"
        " FOR EACH ROW EXECUTE FUNCTION keep_job_event()"
    ),
    (
        "CREATE TRIGGER job_changed AFTER UPDATE OF revision ON jobs"
        " FOR EACH ROW WHEN (NEW.revision <> OLD.revision) EXECUTE FUNCTION keep_job_event()"
    ),
)


def _where(column: str) -> dict[str, Any]:
    condition = sa.text(f"{column} IS NOT NULL")
    return {"sqlite_where": condition, "postgresql_where": condition}


def upgrade() -> None:
    """Apply it."""
    op.add_column("jobs", sa.Column("lane", sa.SmallInteger(), nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("stage_started_at", MOMENT, nullable=True))
    op.add_column("jobs", sa.Column("stage_seconds", sa.JSON(), nullable=True))
    op.add_column("jobs", sa.Column("table_count", sa.Integer(), nullable=True))
    op.add_column("jobs", sa.Column("verify_level", sa.Text(), nullable=True))
    op.drop_index("ix_jobs_status_caller_id_id", "jobs")
    op.drop_index("ix_jobs_batch_id_id", "jobs")
    op.create_index(
        "ix_jobs_status_lane_caller_id_id", "jobs", ["status", "lane", "caller_id", "id"]
    )
    op.create_index(
        "ix_jobs_batch_id_status_id", "jobs", ["batch_id", "status", "id"], **_where("batch_id")
    )
    op.create_index("ix_jobs_created_at", "jobs", ["created_at"], **_where("idempotency_key"))

    op.create_table(
        "job_events",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("progress_done", sa.Integer(), nullable=False),
        sa.Column("progress_total", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_job_events_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "revision", name=op.f("pk_job_events")),
    )
    statements = _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL
    for statement in statements:
        op.execute(statement)

    op.create_table(
        "batches",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("caller_id", sa.Text(), nullable=False),
        sa.Column("retry_of", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.Column("paused_at", MOMENT, nullable=True),
        sa.Column("cancel_requested_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("refused_count", sa.Integer(), nullable=False),
        sa.Column("job_count", sa.Integer(), nullable=False),
        sa.Column("finished_count", sa.Integer(), nullable=False),
        sa.Column("succeeded_count", sa.Integer(), nullable=False),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("cancelled_count", sa.Integer(), nullable=False),
        sa.Column("llm_calls", sa.Integer(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost_usd", sa.Float(), nullable=False),
        sa.Column("max_cost_usd", sa.Float(), nullable=True),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("idempotency_sha256", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["caller_id"], ["callers.id"], name=op.f("fk_batches_caller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index("ix_batches_caller_id_id", "batches", ["caller_id", "id"])
    op.create_index("ix_batches_caller_id_accepted_at", "batches", ["caller_id", "accepted_at"])
    op.create_index(
        "uq_batches_caller_id_idempotency_key",
        "batches",
        ["caller_id", "idempotency_key"],
        unique=True,
        **_where("idempotency_key"),
    )

    op.create_table(
        "batch_lines",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("custom_id", sa.Text(), nullable=True),
        sa.Column("job_id", sa.Text(), nullable=True),
        sa.Column("faults", sa.JSON(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("finished_number", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_batch_lines_batch_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_batch_lines_job_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_batch_lines")),
    )
    op.create_index("ix_batch_lines_job_id", "batch_lines", ["job_id"], **_where("job_id"))
    op.create_index(
        "ix_batch_lines_batch_id_finished_number_number",
        "batch_lines",
        ["batch_id", "finished_number", "number"],
        **_where("finished_number"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("batch_lines")
    op.drop_table("batches")
    op.execute(
        "DROP TRIGGER job_inserted ON jobs" if _on_postgresql() else "DROP TRIGGER job_inserted"
    )
    op.execute(
        "DROP TRIGGER job_changed ON jobs" if _on_postgresql() else "DROP TRIGGER job_changed"
    )
    if _on_postgresql():
        op.execute("DROP FUNCTION keep_job_event()")
    op.drop_table("job_events")
    op.drop_index("ix_jobs_created_at", "jobs")
    op.drop_index("ix_jobs_batch_id_status_id", "jobs")
    op.drop_index("ix_jobs_status_lane_caller_id_id", "jobs")
    op.create_index("ix_jobs_batch_id_id", "jobs", ["batch_id", "id"], **_where("batch_id"))
    op.create_index("ix_jobs_status_caller_id_id", "jobs", ["status", "caller_id", "id"])
    for column in ("verify_level", "table_count", "stage_seconds", "stage_started_at", "lane"):
        op.drop_column("jobs", column)


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
