"""Create all tables.

Revision: e179f537f45f, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "e179f537f45f"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create each table after those that it refers to."""
    op.create_table(
        "warehouses",
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("city", sa.String(60), nullable=True),
        sa.PrimaryKeyConstraint("country", "code", name=op.f("pk_warehouses")),
    )
    op.create_table(
        "shelves",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("warehouse_code", sa.String(8), nullable=False),
        sa.Column("label", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelves")),
        sa.ForeignKeyConstraint(
            ["country", "warehouse_code"],
            ["warehouses.country", "warehouses.code"],
            name=op.f("fk_shelves_country_warehouse_code_warehouses"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "label", "warehouse_code", name=op.f("uq_shelves_label_warehouse_code")
        ),
    )
    op.create_table(
        "boxes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("shelf_label", sa.String(10), nullable=True),
        sa.Column("shelf_warehouse", sa.String(8), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boxes")),
        sa.ForeignKeyConstraint(
            ["shelf_label", "shelf_warehouse"],
            ["shelves.label", "shelves.warehouse_code"],
            name=op.f("fk_boxes_shelf_label_shelf_warehouse_shelves"),
        ),
    )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("boxes")
    op.drop_table("shelves")
    op.drop_table("warehouses")
