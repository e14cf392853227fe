"""Create all tables.

Revision: 303f38a1ad43, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "303f38a1ad43"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create each table after those that it refers to."""
    op.create_table(
        "offers",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("price", sa.Numeric(10, 2), nullable=False),
        sa.Column("discount", sa.Numeric(10, 2), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(12), server_default="draft", nullable=False),
        sa.Column("public", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
        sa.CheckConstraint(sa.column("price") >= 0, name=op.f("ck_offers_price")),
        sa.CheckConstraint(
            sa.or_(sa.column("discount").is_(None), sa.column("discount") <= sa.column("price")),
            name=op.f("ck_offers_discount_price"),
        ),
        sa.CheckConstraint(
            sa.or_(sa.column("ends_on").is_(None), sa.column("ends_on") > sa.column("starts_on")),
            name=op.f("ck_offers_ends_on_starts_on"),
        ),
        sa.CheckConstraint(
            sa.column("state").in_(["draft", "sold", "it's gone"]), name=op.f("ck_offers_state")
        ),
        sa.CheckConstraint(
            sa.or_(sa.not_(sa.column("public") == sa.true()), sa.column("price").between(1, 1000)),
            name=op.f("ck_offers_public_price"),
        ),
    )
    op.create_table(
        "votes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("stars", sa.SmallInteger(), nullable=False),
        sa.Column("why", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_votes")),
        sa.CheckConstraint(sa.column("stars").between(1, 5), name=op.f("ck_votes_stars")),
        sa.CheckConstraint(
            sa.or_(sa.column("stars") > 2, sa.column("why").is_not(None)),
            name=op.f("ck_votes_stars_why"),
        ),
    )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("votes")
    op.drop_table("offers")
