"""Create all tables.

Revision: 34e3e303ddd5, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "34e3e303ddd5"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create each table after those that it refers to."""
    op.create_table(
        "currencies",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("code", sa.String(3), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_currencies")),
        sa.UniqueConstraint("code", name=op.f("uq_currencies_code")),
    )
    op.create_table(
        "rates",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("rate", sa.Numeric(12, 6), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rates")),
        sa.ForeignKeyConstraint(
            ["currency_code"],
            ["currencies.code"],
            name=op.f("fk_rates_currency_code_currencies"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("currency_code", name=op.f("uq_rates_currency_code")),
    )
    op.create_table(
        "quotes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("rate_code", sa.String(3), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
        sa.ForeignKeyConstraint(
            ["rate_code"],
            ["rates.currency_code"],
            name=op.f("fk_quotes_rate_code_rates"),
            ondelete="SET NULL",
        ),
    )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("quotes")
    op.drop_table("rates")
    op.drop_table("currencies")
