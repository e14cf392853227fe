"""The table `labels`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.core.clock import utc_now
from app.models import base, column_types

if TYPE_CHECKING:
    from app.models.notes import Note


class Label(base.TimestampMixin, base.Base):
    """One row of labels."""

    __tablename__ = "labels"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(40), unique=True)
    updated_at: orm.Mapped[dt.datetime] = orm.mapped_column(
        column_types.UtcDateTime(), default=utc_now, onupdate=utc_now
    )

    notes: orm.Mapped[list[Note]] = orm.relationship(
        secondary="labels_notes", passive_deletes=True, back_populates="labels", lazy="raise"
    )
