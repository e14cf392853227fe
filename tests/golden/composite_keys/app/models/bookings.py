"""The table `bookings`."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types


class Booking(base.Base):
    """One row of bookings."""

    __tablename__ = "bookings"

    building: orm.Mapped[str] = orm.mapped_column(sa.String(8), primary_key=True)
    room_number: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    starts_at: orm.Mapped[dt.datetime] = orm.mapped_column(
        column_types.UtcDateTime(), primary_key=True
    )
    purpose: orm.Mapped[str | None] = orm.mapped_column(sa.String(200))
