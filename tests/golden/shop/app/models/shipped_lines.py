"""The table `shipped_lines`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types

if TYPE_CHECKING:
    from app.models.order_lines import OrderLine


class ShippedLine(base.Base):
    """Part of an order line that has left the house."""

    __tablename__ = "shipped_lines"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["order_id", "line_number"],
            ["order_lines.order_id", "order_lines.line_number"],
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(sa.column("quantity") > 0, name="ck_shipped_lines_quantity"),
        sa.Index("ix_shipped_lines_order_id_line_number", "order_id", "line_number"),
        {"comment": "Part of an order line that has left the house."},
    )

    id: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
    )
    order_id: orm.Mapped[int] = orm.mapped_column(sa.BigInteger())
    line_number: orm.Mapped[int] = orm.mapped_column(sa.SmallInteger())
    quantity: orm.Mapped[int] = orm.mapped_column(sa.Integer())
    shipped_at: orm.Mapped[dt.datetime] = orm.mapped_column(column_types.UtcDateTime())
    tracking_code: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))

    order_line: orm.Mapped[OrderLine] = orm.relationship(
        back_populates="shipped_lines", lazy="raise"
    )
