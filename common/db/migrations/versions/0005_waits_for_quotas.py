"""Whose turn it is at a quota, and how long a provider has been busy."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from common.db.tables import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "llm_waits",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("caller_id", sa.Text(), nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost_usd", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_llm_waits_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_llm_waits")),
    )
    op.add_column(
        "llm_holds", sa.Column("count", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("llm_holds", sa.Column("since", Moment, nullable=True))
    op.add_column("callers", sa.Column("llm_asked_at", Moment, nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("callers", "llm_asked_at")
    op.drop_column("llm_holds", "since")
    op.drop_column("llm_holds", "count")
    op.drop_table("llm_waits")
