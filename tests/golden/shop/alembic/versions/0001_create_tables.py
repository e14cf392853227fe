"""Create all tables.

Revision: c2fe001f0ca3, the first
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "c2fe001f0ca3"
down_revision = None
branch_labels = None
depends_on = None

ENUMS = (
    postgresql.ENUM("standard", "silver", "gold", name="customer_tier"),
    postgresql.ENUM(
        "cart", "placed", "paid", "shipped", "delivered", "cancelled", name="order_status"
    ),
    postgresql.ENUM("card", "transfer", "cash on delivery", "voucher", name="payment_method"),
)


def upgrade() -> None:
    """Create each table after those that it refers to."""
    if op.get_context().dialect.name == "postgresql":
        for enum in ENUMS:
            op.execute(postgresql.CreateEnumType(enum))
    op.create_table(
        "customers",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("full_name", sa.String(120), nullable=False),
        sa.Column(
            "tier",
            sa.Enum("standard", "silver", "gold", name="customer_tier", create_type=False),
            server_default="standard",
            nullable=False,
            comment="What discounts apply.",
        ),
        sa.Column("credit_limit", sa.Numeric(10, 2), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column("is_deleted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint("email", name=op.f("uq_customers_email")),
        sa.CheckConstraint(sa.column("credit_limit") >= 0, name=op.f("ck_customers_credit_limit")),
        comment="Someone who has bought something, or may.",
    )
    op.create_index(op.f("ix_customers_tier_full_name"), "customers", ["tier", "full_name"])
    op.create_table(
        "products",
        sa.Column(
            "sku",
            sa.String(32),
            nullable=False,
            comment="The article number, as it is printed on the box.",
        ),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column(
            "details",
            sa.JSON(none_as_null=True),
            server_default="{}",
            nullable=True,
            comment="Whatever the product page shows: colours, sizes, pictures.",
        ),
        sa.Column("price", sa.Numeric(10, 2), nullable=False),
        sa.Column("vat_rate", sa.Numeric(4, 3), server_default=sa.text("0.19"), nullable=False),
        sa.Column("weight_kg", sa.Float(), nullable=True),
        sa.Column("discontinued", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_products")),
        sa.CheckConstraint(sa.column("price") >= 0, name=op.f("ck_products_price")),
        sa.CheckConstraint(sa.column("vat_rate").between(0, 1), name=op.f("ck_products_vat_rate")),
        sa.CheckConstraint(
            sa.or_(sa.column("weight_kg").is_(None), sa.column("weight_kg") > 0),
            name=op.f("ck_products_weight_kg"),
        ),
        comment="Something to sell, known by its article number.",
    )
    op.create_index(op.f("ix_products_title"), "products", ["title"])
    op.create_table(
        "categories",
        sa.Column(
            "id",
            sa.SmallInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("name", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("name", name=op.f("uq_categories_name")),
        comment="A shelf of the shop. Products stand on as many as they like.",
    )
    op.create_table(
        "warehouses",
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("city", sa.String(80), nullable=False),
        sa.Column("country", sa.String(2), nullable=False, comment="ISO 3166, two letters."),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_warehouses")),
        comment="A place that holds stock.",
    )
    op.create_table(
        "stock_levels",
        sa.Column("warehouse_code", sa.String(8), nullable=False),
        sa.Column("product_sku", sa.String(32), nullable=False),
        sa.Column("quantity", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reserved", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.PrimaryKeyConstraint("warehouse_code", "product_sku", name=op.f("pk_stock_levels")),
        sa.ForeignKeyConstraint(
            ["warehouse_code"],
            ["warehouses.code"],
            name=op.f("fk_stock_levels_warehouse_code_warehouses"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_sku"],
            ["products.sku"],
            name=op.f("fk_stock_levels_product_sku_products"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(
            sa.and_(
                sa.column("quantity") >= 0,
                sa.column("reserved") >= 0,
                sa.column("reserved") <= sa.column("quantity"),
            ),
            name=op.f("ck_stock_levels_quantity_reserved"),
        ),
        comment="How much of a product lies in a warehouse.",
    )
    op.create_index(op.f("ix_stock_levels_product_sku"), "stock_levels", ["product_sku"])
    op.create_table(
        "orders",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "reference",
            sa.Uuid(),
            nullable=False,
            comment="What the customer sees instead of the number.",
        ),
        sa.Column(
            "status",
            sa.Enum(
                "cart",
                "placed",
                "paid",
                "shipped",
                "delivered",
                "cancelled",
                name="order_status",
                create_type=False,
            ),
            server_default="cart",
            nullable=False,
        ),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deliver_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_orders_customer_id_customers"),
            ondelete="RESTRICT",
        ),
        sa.UniqueConstraint("reference", name=op.f("uq_orders_reference")),
        sa.CheckConstraint(
            sa.or_(
                sa.column("status").in_(["cart", "cancelled"]), sa.column("placed_at").is_not(None)
            ),
            name=op.f("ck_orders_status_placed_at"),
        ),
        comment="What a customer asked for, at one time.",
    )
    op.create_index(op.f("ix_orders_customer_id"), "orders", ["customer_id"])
    op.create_index(op.f("ix_orders_status_placed_at"), "orders", ["status", "placed_at"])
    op.create_table(
        "order_lines",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line_number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("product_sku", sa.String(32), nullable=False),
        sa.Column("quantity", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("unit_price", sa.Numeric(10, 2), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "line_number", name=op.f("pk_order_lines")),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
            name=op.f("fk_order_lines_order_id_orders"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_sku"],
            ["products.sku"],
            name=op.f("fk_order_lines_product_sku_products"),
            ondelete="RESTRICT",
        ),
        sa.UniqueConstraint(
            "order_id", "product_sku", name=op.f("uq_order_lines_order_id_product_sku")
        ),
        sa.CheckConstraint(sa.column("quantity") > 0, name=op.f("ck_order_lines_quantity")),
        sa.CheckConstraint(sa.column("unit_price") >= 0, name=op.f("ck_order_lines_unit_price")),
        comment="One product in one order, at the price of that day.",
    )
    op.create_index(op.f("ix_order_lines_product_sku"), "order_lines", ["product_sku"])
    op.create_table(
        "shipped_lines",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("line_number", sa.SmallInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tracking_code", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipped_lines")),
        sa.ForeignKeyConstraint(
            ["order_id", "line_number"],
            ["order_lines.order_id", "order_lines.line_number"],
            name=op.f("fk_shipped_lines_order_id_line_number_order_lines"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(sa.column("quantity") > 0, name=op.f("ck_shipped_lines_quantity")),
        comment="Part of an order line that has left the house.",
    )
    op.create_index(
        op.f("ix_shipped_lines_order_id_line_number"), "shipped_lines", ["order_id", "line_number"]
    )
    op.create_table(
        "payments",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "card",
                "transfer",
                "cash on delivery",
                "voucher",
                name="payment_method",
                create_type=False,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.Numeric(12, 2), nullable=False, comment="Negative for a refund."),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
            name=op.f("fk_payments_order_id_orders"),
            ondelete="RESTRICT",
        ),
        sa.CheckConstraint(sa.not_(sa.column("amount") == 0), name=op.f("ck_payments_amount")),
        comment="Money that came in for an order, or went back.",
    )
    op.create_index(op.f("ix_payments_order_id"), "payments", ["order_id"])
    op.create_index(op.f("ix_payments_received_at"), "payments", ["received_at"])
    op.create_table(
        "categories_products",
        sa.Column("category_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("product_sku", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("category_id", "product_sku", name=op.f("pk_categories_products")),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["categories.id"],
            name=op.f("fk_categories_products_category_id_categories"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_sku"],
            ["products.sku"],
            name=op.f("fk_categories_products_product_sku_products"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        op.f("ix_categories_products_product_sku"), "categories_products", ["product_sku"]
    )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("categories_products")
    op.drop_table("payments")
    op.drop_table("shipped_lines")
    op.drop_table("order_lines")
    op.drop_table("orders")
    op.drop_table("stock_levels")
    op.drop_table("warehouses")
    op.drop_table("categories")
    op.drop_table("products")
    op.drop_table("customers")
    if op.get_context().dialect.name == "postgresql":
        for enum in ENUMS:
            op.execute(postgresql.DropEnumType(enum))
