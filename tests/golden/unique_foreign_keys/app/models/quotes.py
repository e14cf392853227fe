"""The table `quotes`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types

if TYPE_CHECKING:
    from app.models.rates import Rate


class Quote(base.Base):
    """One row of quotes."""

    __tablename__ = "quotes"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    rate_code: orm.Mapped[str | None] = orm.mapped_column(
        sa.String(3), sa.ForeignKey("rates.currency_code", ondelete="SET NULL")
    )
    at: orm.Mapped[dt.datetime] = orm.mapped_column(column_types.UtcDateTime())

    rate: orm.Mapped[Rate | None] = orm.relationship(back_populates="quotes", lazy="raise")
