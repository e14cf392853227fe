"""Create all tables.

Revision: 785d804f1162, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "785d804f1162"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create each table after those that it refers to."""
    op.create_table(
        "tickets",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column(
            "status",
            sa.Enum("open", "in progress", "won't fix", "2nd line", "class", name="ticket_status"),
            server_default="open",
            nullable=False,
        ),
        sa.Column("priority", sa.Enum("+", "++", "-", name="ticket_priority"), nullable=True),
        sa.Column(
            "language",
            sa.Enum("日本語", "français", "None", "", name="ticket_language"),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
    )
    op.create_table(
        "machines",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("status", sa.Enum("on", "off", name="machine_status"), nullable=False),
        sa.Column("kind", sa.Enum("mro", "name", "value", name="machine_kind"), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_machines")),
    )
    op.create_table(
        "ticket",
        sa.Column("code", sa.Enum("A", "B", name="old_ticket_code"), nullable=False),
        sa.Column("status", sa.Enum("A-1", "A 1", "a.1", name="old_ticket_status"), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_ticket")),
        sa.UniqueConstraint("status", name=op.f("uq_ticket_status")),
    )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("ticket")
    op.drop_table("machines")
    op.drop_table("tickets")
