"""The table `order_lines`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base


class OrderLine(base.Base):
    """One row of order_lines."""

    __tablename__ = "order_lines"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    order_id: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("orders.id", deferrable=True, initially="DEFERRED")
    )
    quantity: orm.Mapped[int] = orm.mapped_column(sa.Integer())
