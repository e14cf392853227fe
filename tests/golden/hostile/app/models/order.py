"""The table `order`."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import orm

from app.core.clock import utc_now
from app.models import base, column_types

if TYPE_CHECKING:
    from app.models.class_ import Class
    from app.models.typed import Typed


class Order(base.TimestampMixin, base.Base):
    """Select * from where; -- a comment; /* another */"""

    __tablename__ = "order"
    __table_args__ = ({"comment": "Select * from where; -- a comment; /* another */"},)

    id: orm.Mapped[UUID] = orm.mapped_column(sa.Uuid(), primary_key=True, default=uuid4)
    user: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("class.import", ondelete="CASCADE")
    )
    table: orm.Mapped[UUID | None] = orm.mapped_column(
        sa.Uuid(), sa.ForeignKey("order.id", ondelete="SET NULL"), comment="A table in a column."
    )
    select: orm.Mapped[Decimal | None] = orm.mapped_column(
        sa.Numeric(20, 6),
        default=Decimal("12345678901234.123456"),
        server_default=sa.text("12345678901234.123456"),
    )
    where: orm.Mapped[dt.time | None] = orm.mapped_column(
        sa.Time(), default=dt.time(23, 59, 59), server_default="23:59:59"
    )
    limit: orm.Mapped[dt.timedelta | None] = orm.mapped_column(
        sa.Interval(),
        default=dt.timedelta(days=1, seconds=7384),
        server_default="93784.000000 seconds",
    )
    offset: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), default=0, server_default=sa.text("0")
    )
    sort: orm.Mapped[str | None] = orm.mapped_column(
        sa.String(20), default="asc", server_default="asc"
    )
    total: orm.Mapped[int | None] = orm.mapped_column(sa.Integer())
    items: orm.Mapped[int | None] = orm.mapped_column(sa.Integer())
    desc: orm.Mapped[bytes | None] = orm.mapped_column(sa.LargeBinary())
    created_at: orm.Mapped[dt.datetime] = orm.mapped_column(
        column_types.UtcDateTime(), default=utc_now
    )

    owner: orm.Mapped[Class] = orm.relationship(back_populates="orders", lazy="raise")
    typed: orm.Mapped[Typed | None] = orm.relationship(
        passive_deletes="all", back_populates="order", lazy="raise"
    )
