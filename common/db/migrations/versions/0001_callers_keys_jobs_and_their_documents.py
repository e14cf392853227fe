"""Callers, keys, jobs and their documents."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _where(column: str) -> dict[str, Any]:
    condition = sa.text(f"{column} IS NOT NULL")
    return {"sqlite_where": condition, "postgresql_where": condition}


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "callers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("served_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callers")),
        sa.UniqueConstraint("name", name=op.f("uq_callers_name")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("caller_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["caller_id"], ["callers.id"], name=op.f("fk_api_keys_caller_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
    )
    op.create_index(op.f("ix_api_keys_prefix"), "api_keys", ["prefix"])

    op.create_table(
        "jobs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("caller_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("progress_done", sa.Integer(), nullable=False),
        sa.Column("progress_total", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("project_name", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.Text(), nullable=True),
        sa.Column("retry_of", sa.Text(), nullable=True),
        sa.Column("attempt_count", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.JSON(), nullable=True),
        sa.Column("deferred_until", MOMENT, nullable=True),
        sa.Column("deferred_reason", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("cancel_requested_at", MOMENT, nullable=True),
        sa.Column("warnings", sa.JSON(), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("artifact", sa.JSON(), nullable=True),
        sa.Column("verification", sa.JSON(), nullable=True),
        sa.Column("usage", sa.JSON(), nullable=True),
        sa.Column("fault_count", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("lease_expires_at", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("send_count", sa.Integer(), nullable=False),
        sa.Column("start_by", MOMENT, nullable=True),
        sa.Column("timeout_seconds", sa.Integer(), nullable=True),
        sa.Column("output_key", sa.Text(), nullable=True),
        sa.Column("output_deleted", sa.Boolean(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("idempotency_sha256", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["caller_id"], ["callers.id"], name=op.f("fk_jobs_caller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index("ix_jobs_batch_id_id", "jobs", ["batch_id", "id"], **_where("batch_id"))
    op.create_index("ix_jobs_caller_id_id", "jobs", ["caller_id", "id"])
    op.create_index(
        "ix_jobs_caller_id_project_name_id", "jobs", ["caller_id", "project_name", "id"]
    )
    op.create_index(
        "ix_jobs_deferred_until", "jobs", ["deferred_until"], **_where("deferred_until")
    )
    op.create_index(
        "ix_jobs_output_deleted_expires_at",
        "jobs",
        ["output_deleted", "expires_at"],
        **_where("expires_at"),
    )
    op.create_index("ix_jobs_finished_at", "jobs", ["finished_at"], **_where("finished_at"))
    op.create_index(
        "ix_jobs_lease_expires_at", "jobs", ["lease_expires_at"], **_where("lease_expires_at")
    )
    op.create_index("ix_jobs_sent_at", "jobs", ["sent_at"], **_where("sent_at"))
    op.create_index("ix_jobs_start_by", "jobs", ["start_by"], **_where("start_by"))
    op.create_index("ix_jobs_status_caller_id_id", "jobs", ["status", "caller_id", "id"])
    op.create_index(
        "uq_jobs_caller_id_idempotency_key",
        "jobs",
        ["caller_id", "idempotency_key"],
        unique=True,
        **_where("idempotency_key"),
    )

    op.create_table(
        "job_documents",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_job_documents_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job_documents")),
    )


def downgrade() -> None:
    """Take it back."""
    for table in ("job_documents", "jobs", "api_keys", "callers"):
        op.drop_table(table)
