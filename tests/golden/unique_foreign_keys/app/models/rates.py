"""The table `rates`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.currencies import Currency
    from app.models.quotes import Quote


class Rate(base.Base):
    """One row of rates."""

    __tablename__ = "rates"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    currency_code: orm.Mapped[str] = orm.mapped_column(
        sa.String(3), sa.ForeignKey("currencies.code", ondelete="CASCADE"), unique=True
    )
    rate: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(12, 6))

    currency: orm.Mapped[Currency] = orm.relationship(back_populates="rate", lazy="raise")
    quotes: orm.Mapped[list[Quote]] = orm.relationship(
        passive_deletes="all", back_populates="rate", lazy="raise"
    )
