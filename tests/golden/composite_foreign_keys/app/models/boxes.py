"""The table `boxes`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base


class Box(base.Base):
    """One row of boxes."""

    __tablename__ = "boxes"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["shelf_label", "shelf_warehouse"], ["shelves.label", "shelves.warehouse_code"]
        ),
    )

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    shelf_label: orm.Mapped[str | None] = orm.mapped_column(sa.String(10))
    shelf_warehouse: orm.Mapped[str | None] = orm.mapped_column(sa.String(8))
