"""The table `order`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.class_ import Class


class OrderBy(base.Base):
    """One row of order."""

    __tablename__ = "order"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    class_: orm.Mapped[int | None] = orm.mapped_column(
        "class", sa.Integer(), sa.ForeignKey("class.id", ondelete="CASCADE")
    )
    json_: orm.Mapped[str | None] = orm.mapped_column("json", sa.String(20))
    copy_: orm.Mapped[str | None] = orm.mapped_column("copy", sa.String(20))
    self_: orm.Mapped[str | None] = orm.mapped_column("self", sa.String(20))
    session: orm.Mapped[str | None] = orm.mapped_column(sa.String(20))
    limit: orm.Mapped[str | None] = orm.mapped_column(sa.String(20))
    sort: orm.Mapped[str | None] = orm.mapped_column(sa.String(20))

    grade: orm.Mapped[Class | None] = orm.relationship(back_populates="order", lazy="raise")
