"""The table `rooms`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base


class Room(base.Base):
    """One row of rooms."""

    __tablename__ = "rooms"

    building: orm.Mapped[str] = orm.mapped_column(sa.String(8), primary_key=True)
    number: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(60))
    seats: orm.Mapped[int | None] = orm.mapped_column(sa.SmallInteger())
