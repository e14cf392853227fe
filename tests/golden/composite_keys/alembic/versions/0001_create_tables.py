"""Create all tables.

Revision: e11be90c1e4e, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "e11be90c1e4e"
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
    op.create_table(
        "auth_users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(150), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_users")),
        sa.UniqueConstraint("username", name=op.f("uq_auth_users_username")),
        comment="Somebody who may use the API.",
    )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("auth_users")
    op.drop_table("bookings")
    op.drop_table("rooms")
