"""The table `order_lines`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.orders import Order
    from app.models.products import Product
    from app.models.shipped_lines import ShippedLine


class OrderLine(base.Base):
    """One product in one order, at the price of that day."""

    __tablename__ = "order_lines"
    __table_args__ = (
        sa.UniqueConstraint("order_id", "product_sku", name="uq_order_lines_order_id_product_sku"),
        sa.CheckConstraint(sa.column("quantity") > 0, name="ck_order_lines_quantity"),
        sa.CheckConstraint(sa.column("unit_price") >= 0, name="ck_order_lines_unit_price"),
        {"comment": "One product in one order, at the price of that day."},
    )

    order_id: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger(), sa.ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True
    )
    line_number: orm.Mapped[int] = orm.mapped_column(sa.SmallInteger(), primary_key=True)
    product_sku: orm.Mapped[str] = orm.mapped_column(
        sa.String(32), sa.ForeignKey("products.sku", ondelete="RESTRICT"), index=True
    )
    quantity: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), default=1, server_default=sa.text("1")
    )
    unit_price: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(10, 2))

    order: orm.Mapped[Order] = orm.relationship(back_populates="lines", lazy="raise")
    product: orm.Mapped[Product] = orm.relationship(back_populates="order_lines", lazy="raise")
    shipped_lines: orm.Mapped[list[ShippedLine]] = orm.relationship(
        passive_deletes="all", back_populates="order_line", lazy="raise"
    )
