"""The table `session`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.base_ import Base


class Session(base.Base):
    """A class that SQLAlchemy has as well."""

    __tablename__ = "session"
    __table_args__ = ({"comment": "A class that SQLAlchemy has as well."},)

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    request: orm.Mapped[str | None] = orm.mapped_column(sa.String(40))
    response: orm.Mapped[str | None] = orm.mapped_column(sa.String(40))
    db: orm.Mapped[str | None] = orm.mapped_column(sa.String(40))
    session: orm.Mapped[str | None] = orm.mapped_column(sa.String(40))

    base_: orm.Mapped[list[Base]] = orm.relationship(
        passive_deletes="all", back_populates="request", lazy="raise"
    )
