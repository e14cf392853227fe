"""The table `managers`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.employees import Employee


class Manager(base.Base):
    """One row of managers."""

    __tablename__ = "managers"

    employee_id: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger(), sa.ForeignKey("employees.person_id", ondelete="CASCADE"), primary_key=True
    )
    budget: orm.Mapped[Decimal | None] = orm.mapped_column(sa.Numeric(12, 2))

    employee: orm.Mapped[Employee] = orm.relationship(back_populates="manager", lazy="raise")
