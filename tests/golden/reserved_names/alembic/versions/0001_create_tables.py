"""Create all tables.

Revision: fcec1ac301df, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "fcec1ac301df"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create each table after those that it refers to."""
    op.create_table(
        "class",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("def", sa.String(20), nullable=False),
        sa.Column("metadata", sa.String(20), nullable=True),
        sa.Column("model_config", sa.String(20), nullable=True),
        sa.Column("select", sa.String(20), nullable=True),
        sa.Column("from", sa.String(20), server_default="here", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class")),
    )
    op.create_table(
        "order",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("class", sa.Integer(), nullable=True),
        sa.Column("json", sa.String(20), nullable=True),
        sa.Column("copy", sa.String(20), nullable=True),
        sa.Column("self", sa.String(20), nullable=True),
        sa.Column("session", sa.String(20), nullable=True),
        sa.Column("limit", sa.String(20), nullable=True),
        sa.Column("sort", sa.String(20), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order")),
        sa.ForeignKeyConstraint(
            ["class"], ["class.id"], name=op.f("fk_order_class_class"), ondelete="CASCADE"
        ),
    )
    op.create_table(
        "user",
        sa.Column("import", sa.String(10), nullable=False),
        sa.Column("group", sa.String(10), nullable=True),
        sa.Column("is_deleted", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("import", name=op.f("pk_user")),
        sa.UniqueConstraint("group", name=op.f("uq_user_group")),
    )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("user")
    op.drop_table("order")
    op.drop_table("class")
