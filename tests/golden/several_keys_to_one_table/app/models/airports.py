"""The table `airports`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.flights import Flight


class Airport(base.Base):
    """One row of airports."""

    __tablename__ = "airports"

    code: orm.Mapped[str] = orm.mapped_column(sa.String(3), primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(80))

    departures: orm.Mapped[list[Flight]] = orm.relationship(
        foreign_keys="Flight.origin_code",
        passive_deletes="all",
        back_populates="origin",
        lazy="raise",
    )
    arrivals: orm.Mapped[list[Flight]] = orm.relationship(
        foreign_keys="Flight.destination_code",
        passive_deletes="all",
        back_populates="destination",
        lazy="raise",
    )
    flights: orm.Mapped[list[Flight]] = orm.relationship(
        foreign_keys="Flight.diverted_to",
        passive_deletes="all",
        back_populates="airport",
        lazy="raise",
    )
