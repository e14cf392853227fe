"""The table `products`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.orders import Order


class Product(base.Base):
    """One row of products."""

    __tablename__ = "products"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    price: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(10, 2))
    stock: orm.Mapped[int] = orm.mapped_column(sa.Integer(), default=0, server_default=sa.text("0"))

    orders: orm.Mapped[list[Order]] = orm.relationship(
        passive_deletes="all", back_populates="product", lazy="raise"
    )
