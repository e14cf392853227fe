"""The table `countries`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.cities import City


class Country(base.Base):
    """One row of countries."""

    __tablename__ = "countries"

    code: orm.Mapped[str] = orm.mapped_column(sa.String(2), primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(80))

    cities: orm.Mapped[list[City]] = orm.relationship(
        passive_deletes="all", back_populates="country", lazy="raise"
    )
