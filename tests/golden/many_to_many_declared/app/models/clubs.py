"""The table `clubs`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.students import Student


class Club(base.Base):
    """One row of clubs."""

    __tablename__ = "clubs"

    id: orm.Mapped[UUID] = orm.mapped_column(sa.Uuid(), primary_key=True, default=uuid4)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(80))

    students: orm.Mapped[list[Student]] = orm.relationship(
        secondary="memberships", passive_deletes=True, back_populates="clubs", lazy="raise"
    )
