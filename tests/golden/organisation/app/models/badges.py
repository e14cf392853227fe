"""The table `badges`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.people import Person


class Badge(base.Base):
    """The card that opens doors. One for each person."""

    __tablename__ = "badges"
    __table_args__ = ({"comment": "The card that opens doors. One for each person."},)

    serial: orm.Mapped[str] = orm.mapped_column(sa.String(16), primary_key=True)
    holder_id: orm.Mapped[UUID | None] = orm.mapped_column(
        sa.Uuid(), sa.ForeignKey("people.id", ondelete="SET NULL"), unique=True
    )
    blocked: orm.Mapped[bool] = orm.mapped_column(
        sa.Boolean(), default=False, server_default=sa.false()
    )

    holder: orm.Mapped[Person | None] = orm.relationship(back_populates="badge", lazy="raise")
