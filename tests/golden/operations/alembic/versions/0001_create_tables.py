"""Create all tables.

Revision: fae5722981c9, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "fae5722981c9"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create each table after those that it refers to."""
    op.create_table(
        "products",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("price", sa.Numeric(10, 2), nullable=False),
        sa.Column("stock", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("total", sa.Numeric(12, 2), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "cancelled", name="order_state", create_constraint=True),
            server_default="open",
            nullable=False,
        ),
        sa.Column("deliver_on", sa.Date(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_orders_product_id_products")
        ),
    )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("orders")
    op.drop_table("products")
