"""The table `rooms`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.appointments import Appointment


class Room(base.Base):
    """A room where patients are seen."""

    __tablename__ = "rooms"
    __table_args__ = ({"comment": "A room where patients are seen."},)

    number: orm.Mapped[str] = orm.mapped_column(sa.String(8), primary_key=True)
    floor: orm.Mapped[int] = orm.mapped_column(sa.SmallInteger())
    has_sink: orm.Mapped[bool] = orm.mapped_column(
        sa.Boolean(), default=True, server_default=sa.true()
    )

    appointments: orm.Mapped[list[Appointment]] = orm.relationship(
        passive_deletes="all", back_populates="room", lazy="raise"
    )
