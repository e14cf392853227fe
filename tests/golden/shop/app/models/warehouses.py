"""The table `warehouses`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.stock_levels import StockLevel


class Warehouse(base.Base):
    """A place that holds stock."""

    __tablename__ = "warehouses"
    __table_args__ = ({"comment": "A place that holds stock."},)

    code: orm.Mapped[str] = orm.mapped_column(sa.String(8), primary_key=True)
    city: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    country: orm.Mapped[str] = orm.mapped_column(sa.String(2), comment="ISO 3166, two letters.")

    stock_levels: orm.Mapped[list[StockLevel]] = orm.relationship(
        passive_deletes="all", back_populates="warehouse", lazy="raise"
    )
