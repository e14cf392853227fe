"""The table `orders`."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types
from app.models.enums import OrderState

if TYPE_CHECKING:
    from app.models.products import Product


class Order(base.TimestampMixin, base.Base):
    """One row of orders."""

    __tablename__ = "orders"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    product_id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), sa.ForeignKey("products.id"))
    quantity: orm.Mapped[int] = orm.mapped_column(sa.Integer())
    total: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(12, 2))
    state: orm.Mapped[OrderState] = orm.mapped_column(
        column_types.enum_of(OrderState, name="order_state"),
        default=OrderState.OPEN,
        server_default="open",
    )
    deliver_on: orm.Mapped[dt.date | None] = orm.mapped_column(sa.Date())

    product: orm.Mapped[Product] = orm.relationship(back_populates="orders", lazy="raise")
