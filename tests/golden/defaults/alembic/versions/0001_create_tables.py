"""Create all tables.

Revision: 5638d9fd8804, the first
"""

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5638d9fd8804"
down_revision = None
branch_labels = None
depends_on = None

ENUMS = (postgresql.ENUM("good", "bad", name="more_sample_mood"),)


def upgrade() -> None:
    """Create each table after those that it refers to."""
    if op.get_context().dialect.name == "postgresql":
        for enum in ENUMS:
            op.execute(postgresql.CreateEnumType(enum))
    op.create_table(
        "samples",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("whole", sa.Integer(), server_default=sa.text("7"), nullable=False),
        sa.Column(
            "large", sa.BigInteger(), server_default=sa.text("-9007199254740993"), nullable=True
        ),
        sa.Column("text", sa.String(20), server_default='it\'s "so" \\ %s', nullable=False),
        sa.Column("long", sa.Text(), server_default=sa.text("''"), nullable=True),
        sa.Column("flag", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column(
            "moment",
            sa.DateTime(timezone=True),
            server_default="2026-01-31 12:30:00+00:00",
            nullable=True,
        ),
        sa.Column("day", sa.Date(), server_default="2026-01-31", nullable=True),
        sa.Column("clock", sa.Time(), server_default="08:30:00", nullable=True),
        sa.Column("span", sa.Interval(), server_default="129600.000000 seconds", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_samples")),
    )
    op.create_table(
        "more_samples",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("price", sa.Numeric(8, 2), server_default=sa.text("12.50"), nullable=False),
        sa.Column("ratio", sa.Float(), server_default=sa.text("0.25"), nullable=True),
        sa.Column(
            "mood",
            sa.Enum("good", "bad", name="more_sample_mood", create_type=False),
            server_default="good",
            nullable=True,
        ),
        sa.Column(
            "extra", sa.JSON(none_as_null=True), server_default='{"a": [1, null]}', nullable=True
        ),
        sa.Column(
            "token",
            sa.Uuid(),
            server_default=sa.literal(UUID("00000000-0000-4000-8000-000000000001"), sa.Uuid()),
            nullable=True,
        ),
        sa.Column("blob", sa.LargeBinary(), nullable=True),
        sa.Column("empty", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_more_samples")),
    )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("more_samples")
    op.drop_table("samples")
    if op.get_context().dialect.name == "postgresql":
        for enum in ENUMS:
            op.execute(postgresql.DropEnumType(enum))
