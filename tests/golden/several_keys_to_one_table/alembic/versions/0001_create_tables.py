"""Create all tables.

Revision: 62555d0b33c3, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "62555d0b33c3"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create each table after those that it refers to."""
    op.create_table(
        "airports",
        sa.Column("code", sa.String(3), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_airports")),
    )
    op.create_table(
        "flights",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("origin_code", sa.String(3), nullable=False),
        sa.Column("destination_code", sa.String(3), nullable=False),
        sa.Column("diverted_to", sa.String(3), nullable=True),
        sa.Column("departs_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flights")),
        sa.ForeignKeyConstraint(
            ["origin_code"], ["airports.code"], name=op.f("fk_flights_origin_code_airports")
        ),
        sa.ForeignKeyConstraint(
            ["destination_code"],
            ["airports.code"],
            name=op.f("fk_flights_destination_code_airports"),
        ),
        sa.ForeignKeyConstraint(
            ["diverted_to"], ["airports.code"], name=op.f("fk_flights_diverted_to_airports")
        ),
        sa.UniqueConstraint(
            "origin_code",
            "destination_code",
            "departs_at",
            name=op.f("uq_flights_origin_code_destination_code_departs_at"),
        ),
    )
    op.create_index(
        op.f("ix_flights_origin_code_departs_at"), "flights", ["origin_code", "departs_at"]
    )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("flights")
    op.drop_table("airports")
