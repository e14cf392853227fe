"""The table `flights`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types

if TYPE_CHECKING:
    from app.models.airports import Airport


class Flight(base.Base):
    """One row of flights."""

    __tablename__ = "flights"
    __table_args__ = (
        sa.UniqueConstraint(
            "origin_code",
            "destination_code",
            "departs_at",
            name="uq_flights_origin_code_destination_code_departs_at",
        ),
        sa.Index("ix_flights_origin_code_departs_at", "origin_code", "departs_at"),
    )

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    origin_code: orm.Mapped[str] = orm.mapped_column(sa.String(3), sa.ForeignKey("airports.code"))
    destination_code: orm.Mapped[str] = orm.mapped_column(
        sa.String(3), sa.ForeignKey("airports.code")
    )
    diverted_to: orm.Mapped[str | None] = orm.mapped_column(
        sa.String(3), sa.ForeignKey("airports.code")
    )
    departs_at: orm.Mapped[dt.datetime] = orm.mapped_column(column_types.UtcDateTime())

    origin: orm.Mapped[Airport] = orm.relationship(
        foreign_keys="Flight.origin_code", back_populates="departures", lazy="raise"
    )
    destination: orm.Mapped[Airport] = orm.relationship(
        foreign_keys="Flight.destination_code", back_populates="arrivals", lazy="raise"
    )
    airport: orm.Mapped[Airport | None] = orm.relationship(
        foreign_keys="Flight.diverted_to", back_populates="flights", lazy="raise"
    )
