"""The table `cities`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.countries import Country


class City(base.Base):
    """One row of cities."""

    __tablename__ = "cities"

    id: orm.Mapped[UUID] = orm.mapped_column(sa.Uuid(), primary_key=True, default=uuid4)
    country_code: orm.Mapped[str] = orm.mapped_column(
        sa.String(2), sa.ForeignKey("countries.code", ondelete="RESTRICT"), index=True
    )
    name: orm.Mapped[str] = orm.mapped_column(sa.String(80))

    country: orm.Mapped[Country] = orm.relationship(back_populates="cities", lazy="raise")
