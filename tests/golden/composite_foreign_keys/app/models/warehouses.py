"""The table `warehouses`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.shelves import Shelf


class Warehouse(base.Base):
    """One row of warehouses."""

    __tablename__ = "warehouses"

    country: orm.Mapped[str] = orm.mapped_column(sa.String(2), primary_key=True)
    code: orm.Mapped[str] = orm.mapped_column(sa.String(8), primary_key=True)
    city: orm.Mapped[str | None] = orm.mapped_column(sa.String(60))

    shelves: orm.Mapped[list[Shelf]] = orm.relationship(
        passive_deletes="all", back_populates="warehouse", lazy="raise"
    )
