"""The table `orders`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types
from app.models.enums import OrderStatus

if TYPE_CHECKING:
    from app.models.customers import Customer
    from app.models.order_lines import OrderLine
    from app.models.payments import Payment
    from app.models.products import Product


class Order(base.TimestampMixin, base.Base):
    """What a customer asked for, at one time."""

    __tablename__ = "orders"
    __table_args__ = (
        sa.CheckConstraint(
            sa.or_(
                sa.column("status").in_(["cart", "cancelled"]), sa.column("placed_at").is_not(None)
            ),
            name="ck_orders_status_placed_at",
        ),
        sa.Index("ix_orders_status_placed_at", "status", "placed_at"),
        {"comment": "What a customer asked for, at one time."},
    )

    id: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
    )
    customer_id: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger(), sa.ForeignKey("customers.id", ondelete="RESTRICT"), index=True
    )
    reference: orm.Mapped[UUID] = orm.mapped_column(
        sa.Uuid(), unique=True, comment="What the customer sees instead of the number."
    )
    status: orm.Mapped[OrderStatus] = orm.mapped_column(
        column_types.enum_of(OrderStatus, name="order_status"),
        default=OrderStatus.CART,
        server_default="cart",
    )
    placed_at: orm.Mapped[dt.datetime | None] = orm.mapped_column(column_types.UtcDateTime())
    deliver_on: orm.Mapped[dt.date | None] = orm.mapped_column(sa.Date())
    note: orm.Mapped[str | None] = orm.mapped_column(sa.Text())

    customer: orm.Mapped[Customer] = orm.relationship(back_populates="orders", lazy="raise")
    products: orm.Mapped[list[Product]] = orm.relationship(
        secondary="order_lines", viewonly=True, lazy="raise"
    )
    payments: orm.Mapped[list[Payment]] = orm.relationship(
        passive_deletes="all", back_populates="order", lazy="raise"
    )
    lines: orm.Mapped[list[OrderLine]] = orm.relationship(
        passive_deletes="all", back_populates="order", lazy="raise"
    )
