"""The table `typed`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types
from app.models.enums import ClassTypeCode

if TYPE_CHECKING:
    from app.models.class_type import ClassType
    from app.models.order import Order


class Typed(base.Base):
    """A foreign key to an Enum, and one to a UUID that is a key itself."""

    __tablename__ = "typed"
    __table_args__ = (
        {"comment": "A foreign key to an Enum, and one to a UUID that is a key itself."},
    )

    order_id: orm.Mapped[UUID] = orm.mapped_column(
        sa.Uuid(), sa.ForeignKey("order.id"), primary_key=True
    )
    kind: orm.Mapped[ClassTypeCode] = orm.mapped_column(
        column_types.enum_of(ClassTypeCode, name="class_type_code"),
        sa.ForeignKey("class_type.code"),
        default=ClassTypeCode.X,
        server_default="x",
    )

    class_type: orm.Mapped[ClassType] = orm.relationship(back_populates="typed", lazy="raise")
    order: orm.Mapped[Order] = orm.relationship(back_populates="typed", lazy="raise")
