"""The documents that models made of prompts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    op.add_column("job_documents", sa.Column("designed", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("job_documents", "designed")
