"""The table `payments`."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types
from app.models.enums import PaymentMethod

if TYPE_CHECKING:
    from app.models.orders import Order


class Payment(base.Base):
    """Money that came in for an order, or went back."""

    __tablename__ = "payments"
    __table_args__ = (
        sa.CheckConstraint(sa.not_(sa.column("amount") == 0), name="ck_payments_amount"),
        {"comment": "Money that came in for an order, or went back."},
    )

    id: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
    )
    order_id: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger(), sa.ForeignKey("orders.id", ondelete="RESTRICT"), index=True
    )
    method: orm.Mapped[PaymentMethod] = orm.mapped_column(
        column_types.enum_of(PaymentMethod, name="payment_method")
    )
    amount: orm.Mapped[Decimal] = orm.mapped_column(
        sa.Numeric(12, 2), comment="Negative for a refund."
    )
    received_at: orm.Mapped[dt.datetime] = orm.mapped_column(column_types.UtcDateTime(), index=True)

    order: orm.Mapped[Order] = orm.relationship(back_populates="payments", lazy="raise")
