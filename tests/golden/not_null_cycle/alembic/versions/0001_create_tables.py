"""Create all tables.

Revision: 9010400eaaf9, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "9010400eaaf9"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create each table after those that it refers to."""
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("main_line_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.ForeignKeyConstraint(
            ["main_line_id"],
            ["order_lines.id"],
            name=op.f("fk_orders_main_line_id_order_lines"),
            use_alter=True,
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.UniqueConstraint("reference", name=op.f("uq_orders_reference")),
    )
    op.create_table(
        "order_lines",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
            name=op.f("fk_order_lines_order_id_orders"),
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    if op.get_context().dialect.supports_alter:
        # SQLite, which can't add keys, has them already: it lets tables refer to later ones
        op.create_foreign_key(
            op.f("fk_orders_main_line_id_order_lines"),
            "orders",
            "order_lines",
            ["main_line_id"],
            ["id"],
            deferrable=True,
            initially="DEFERRED",
        )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    if op.get_context().dialect.supports_alter:
        op.drop_constraint(op.f("fk_orders_main_line_id_order_lines"), "orders", type_="foreignkey")
    op.drop_table("order_lines")
    op.drop_table("orders")
