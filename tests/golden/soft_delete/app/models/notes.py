"""The table `notes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.labels import Label
    from app.models.pads import Pad


class Note(base.TimestampMixin, base.SoftDeleteMixin, base.Base):
    """One row of notes."""

    __tablename__ = "notes"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    title: orm.Mapped[str] = orm.mapped_column(sa.String(80), unique=True)
    pad_id: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("pads.id", ondelete="RESTRICT")
    )

    pad: orm.Mapped[Pad] = orm.relationship(back_populates="notes", lazy="raise")
    labels: orm.Mapped[list[Label]] = orm.relationship(
        secondary="labels_notes", passive_deletes=True, back_populates="notes", lazy="raise"
    )
