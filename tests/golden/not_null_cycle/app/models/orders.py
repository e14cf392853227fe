"""The table `orders`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base


class Order(base.Base):
    """One row of orders."""

    __tablename__ = "orders"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    main_line_id: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(),
        sa.ForeignKey(
            "order_lines.id",
            name="fk_orders_main_line_id_order_lines",
            use_alter=True,
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    reference: orm.Mapped[str] = orm.mapped_column(sa.String(20), unique=True)
