"""The table `stock_levels`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.products import Product
    from app.models.warehouses import Warehouse


class StockLevel(base.TimestampMixin, base.Base):
    """How much of a product lies in a warehouse."""

    __tablename__ = "stock_levels"
    __table_args__ = (
        sa.CheckConstraint(
            sa.and_(
                sa.column("quantity") >= 0,
                sa.column("reserved") >= 0,
                sa.column("reserved") <= sa.column("quantity"),
            ),
            name="ck_stock_levels_quantity_reserved",
        ),
        {"comment": "How much of a product lies in a warehouse."},
    )

    warehouse_code: orm.Mapped[str] = orm.mapped_column(
        sa.String(8), sa.ForeignKey("warehouses.code", ondelete="CASCADE"), primary_key=True
    )
    product_sku: orm.Mapped[str] = orm.mapped_column(
        sa.String(32),
        sa.ForeignKey("products.sku", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    )
    quantity: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), default=0, server_default=sa.text("0")
    )
    reserved: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), default=0, server_default=sa.text("0")
    )

    warehouse: orm.Mapped[Warehouse] = orm.relationship(back_populates="stock_levels", lazy="raise")
    product: orm.Mapped[Product] = orm.relationship(back_populates="stock_levels", lazy="raise")
