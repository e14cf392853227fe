"""The table `customers`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types
from app.models.enums import CustomerTier

if TYPE_CHECKING:
    from app.models.orders import Order


class Customer(base.TimestampMixin, base.SoftDeleteMixin, base.Base):
    """Someone who has bought something, or may."""

    __tablename__ = "customers"
    __table_args__ = (
        sa.CheckConstraint(sa.column("credit_limit") >= 0, name="ck_customers_credit_limit"),
        sa.Index("ix_customers_tier_full_name", "tier", "full_name"),
        {"comment": "Someone who has bought something, or may."},
    )

    id: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
    )
    email: orm.Mapped[str] = orm.mapped_column(sa.String(254), unique=True)
    full_name: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    tier: orm.Mapped[CustomerTier] = orm.mapped_column(
        column_types.enum_of(CustomerTier, name="customer_tier"),
        default=CustomerTier.STANDARD,
        server_default="standard",
        comment="What discounts apply.",
    )
    credit_limit: orm.Mapped[Decimal] = orm.mapped_column(
        sa.Numeric(10, 2), default=Decimal(0), server_default=sa.text("0")
    )

    orders: orm.Mapped[list[Order]] = orm.relationship(
        passive_deletes="all", back_populates="customer", lazy="raise"
    )
