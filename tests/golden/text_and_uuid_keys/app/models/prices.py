"""The table `prices`."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base


class Price(base.Base):
    """One row of prices."""

    __tablename__ = "prices"

    day: orm.Mapped[dt.date] = orm.mapped_column(sa.Date(), primary_key=True)
    city_id: orm.Mapped[UUID] = orm.mapped_column(
        sa.Uuid(), sa.ForeignKey("cities.id", ondelete="CASCADE"), primary_key=True
    )
    amount: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(8, 2))
