"""The table `class_type`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types
from app.models.enums import ClassTypeCode

if TYPE_CHECKING:
    from app.models.typed import Typed


class ClassType(base.Base):
    """Its class would like to be called as the Enum of `class.type`."""

    __tablename__ = "class_type"
    __table_args__ = (
        {"comment": "Its class would like to be called as the Enum of `class.type`."},
    )

    code: orm.Mapped[ClassTypeCode] = orm.mapped_column(
        column_types.enum_of(ClassTypeCode, name="class_type_code"), primary_key=True
    )
    label: orm.Mapped[str] = orm.mapped_column(sa.String(40))

    typed: orm.Mapped[list[Typed]] = orm.relationship(
        passive_deletes="all", back_populates="class_type", lazy="raise"
    )
