"""The table `group`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types

if TYPE_CHECKING:
    from app.models.class_ import Class


class Group(base.Base):
    """Its class and file are called like words of SQL."""

    __tablename__ = "group"
    __table_args__ = ({"comment": "Its class and file are called like words of SQL."},)

    order: orm.Mapped[UUID] = orm.mapped_column(
        sa.Uuid(), sa.ForeignKey("order.id", ondelete="CASCADE"), primary_key=True
    )
    key: orm.Mapped[str] = orm.mapped_column(sa.String(20), primary_key=True)
    values: orm.Mapped[Any | None] = orm.mapped_column(
        column_types.Json(none_as_null=True), nullable=True, default=list, server_default="[]"
    )

    linked_class: orm.Mapped[list[Class]] = orm.relationship(
        secondary="class_group", passive_deletes=True, back_populates="groups", lazy="raise"
    )
