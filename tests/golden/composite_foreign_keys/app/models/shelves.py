"""The table `shelves`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.warehouses import Warehouse


class Shelf(base.Base):
    """One row of shelves."""

    __tablename__ = "shelves"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["country", "warehouse_code"],
            ["warehouses.country", "warehouses.code"],
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("label", "warehouse_code", name="uq_shelves_label_warehouse_code"),
    )

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    country: orm.Mapped[str] = orm.mapped_column(sa.String(2))
    warehouse_code: orm.Mapped[str] = orm.mapped_column(sa.String(8))
    label: orm.Mapped[str] = orm.mapped_column(sa.String(10))

    warehouse: orm.Mapped[Warehouse] = orm.relationship(back_populates="shelves", lazy="raise")
