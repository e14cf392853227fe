"""Who made a key, so that what a stolen one made is found and ended with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    op.add_column("api_keys", sa.Column("made_by", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("api_keys", "made_by")
