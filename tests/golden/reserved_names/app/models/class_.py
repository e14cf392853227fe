"""The table `class`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.order import OrderBy


class Class(base.Base):
    """One row of class."""

    __tablename__ = "class"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    def_: orm.Mapped[str] = orm.mapped_column("def", sa.String(20))
    metadata_: orm.Mapped[str | None] = orm.mapped_column("metadata", sa.String(20))
    column_model_config_: orm.Mapped[str | None] = orm.mapped_column("model_config", sa.String(20))
    select: orm.Mapped[str | None] = orm.mapped_column(sa.String(20))
    from_: orm.Mapped[str] = orm.mapped_column(
        "from", sa.String(20), default="here", server_default="here"
    )

    order: orm.Mapped[list[OrderBy]] = orm.relationship(
        passive_deletes="all", back_populates="grade", lazy="raise"
    )
