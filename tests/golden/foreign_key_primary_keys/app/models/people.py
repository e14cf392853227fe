"""The table `people`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.employees import Employee


class Person(base.Base):
    """One row of people."""

    __tablename__ = "people"

    id: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
    )
    name: orm.Mapped[str] = orm.mapped_column(sa.String(80))

    employee: orm.Mapped[Employee | None] = orm.relationship(
        passive_deletes="all", back_populates="person", lazy="raise"
    )
