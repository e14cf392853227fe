"""Create all tables.

Revision: 15cc80bdca04, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "15cc80bdca04"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create each table after those that it refers to."""
    op.create_table(
        "rooms",
        sa.Column("building", sa.String(8), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("seats", sa.SmallInteger(), nullable=True),
        sa.PrimaryKeyConstraint("building", "number", name=op.f("pk_rooms")),
    )
    op.create_table(
        "bookings",
        sa.Column("building", sa.String(8), nullable=False),
        sa.Column("room_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purpose", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("building", "room_number", "starts_at", name=op.f("pk_bookings")),
    )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("bookings")
    op.drop_table("rooms")
