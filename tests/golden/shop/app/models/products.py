"""The table `products`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types

if TYPE_CHECKING:
    from app.models.categories import Category
    from app.models.order_lines import OrderLine
    from app.models.orders import Order
    from app.models.stock_levels import StockLevel


class Product(base.TimestampMixin, base.Base):
    """Something to sell, known by its article number."""

    __tablename__ = "products"
    __table_args__ = (
        sa.CheckConstraint(sa.column("price") >= 0, name="ck_products_price"),
        sa.CheckConstraint(sa.column("vat_rate").between(0, 1), name="ck_products_vat_rate"),
        sa.CheckConstraint(
            sa.or_(sa.column("weight_kg").is_(None), sa.column("weight_kg") > 0),
            name="ck_products_weight_kg",
        ),
        {"comment": "Something to sell, known by its article number."},
    )

    sku: orm.Mapped[str] = orm.mapped_column(
        sa.String(32), primary_key=True, comment="The article number, as it is printed on the box."
    )
    title: orm.Mapped[str] = orm.mapped_column(sa.String(200), index=True)
    details: orm.Mapped[Any | None] = orm.mapped_column(
        column_types.Json(none_as_null=True),
        nullable=True,
        default=dict,
        server_default="{}",
        comment="Whatever the product page shows: colours, sizes, pictures.",
    )
    price: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(10, 2))
    vat_rate: orm.Mapped[Decimal] = orm.mapped_column(
        sa.Numeric(4, 3), default=Decimal("0.19"), server_default=sa.text("0.19")
    )
    weight_kg: orm.Mapped[float | None] = orm.mapped_column(sa.Float())
    discontinued: orm.Mapped[bool] = orm.mapped_column(
        sa.Boolean(), default=False, server_default=sa.false()
    )

    orders: orm.Mapped[list[Order]] = orm.relationship(
        secondary="order_lines", viewonly=True, lazy="raise"
    )
    categories: orm.Mapped[list[Category]] = orm.relationship(
        secondary="categories_products",
        passive_deletes=True,
        back_populates="products",
        lazy="raise",
    )
    stock_levels: orm.Mapped[list[StockLevel]] = orm.relationship(
        passive_deletes="all", back_populates="product", lazy="raise"
    )
    order_lines: orm.Mapped[list[OrderLine]] = orm.relationship(
        passive_deletes="all", back_populates="product", lazy="raise"
    )
