"""The table `pads`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types

if TYPE_CHECKING:
    from app.models.notes import Note


class Pad(base.SoftDeleteMixin, base.Base):
    """One row of pads."""

    __tablename__ = "pads"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    deleted_at: orm.Mapped[dt.datetime | None] = orm.mapped_column(
        column_types.UtcDateTime(), index=True
    )

    notes: orm.Mapped[list[Note]] = orm.relationship(
        passive_deletes="all", back_populates="pad", lazy="raise"
    )
