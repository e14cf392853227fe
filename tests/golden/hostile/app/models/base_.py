"""The table `base`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.session import Session


class Base(base.Base):
    """A class that every generated project has as well."""

    __tablename__ = "base"
    __table_args__ = ({"comment": "A class that every generated project has as well."},)

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    request_id: orm.Mapped[int | None] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("session.id", ondelete="SET NULL")
    )

    request: orm.Mapped[Session | None] = orm.relationship(back_populates="base_", lazy="raise")
