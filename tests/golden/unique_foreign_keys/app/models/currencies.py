"""The table `currencies`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.rates import Rate


class Currency(base.Base):
    """One row of currencies."""

    __tablename__ = "currencies"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    code: orm.Mapped[str] = orm.mapped_column(sa.String(3), unique=True)

    rate: orm.Mapped[Rate | None] = orm.relationship(
        passive_deletes="all", back_populates="currency", lazy="raise"
    )
