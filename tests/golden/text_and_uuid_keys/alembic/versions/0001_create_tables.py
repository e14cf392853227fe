"""Create all tables.

Revision: 2699630fa64b, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "2699630fa64b"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create each table after those that it refers to."""
    op.create_table(
        "countries",
        sa.Column("code", sa.String(2), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_countries")),
    )
    op.create_table(
        "cities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("country_code", sa.String(2), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cities")),
        sa.ForeignKeyConstraint(
            ["country_code"],
            ["countries.code"],
            name=op.f("fk_cities_country_code_countries"),
            ondelete="RESTRICT",
        ),
    )
    op.create_index(op.f("ix_cities_country_code"), "cities", ["country_code"])
    op.create_table(
        "prices",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("city_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Numeric(8, 2), nullable=False),
        sa.PrimaryKeyConstraint("day", "city_id", name=op.f("pk_prices")),
        sa.ForeignKeyConstraint(
            ["city_id"], ["cities.id"], name=op.f("fk_prices_city_id_cities"), ondelete="CASCADE"
        ),
    )
    op.create_table(
        "words",
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_words")),
    )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("words")
    op.drop_table("prices")
    op.drop_table("cities")
    op.drop_table("countries")
