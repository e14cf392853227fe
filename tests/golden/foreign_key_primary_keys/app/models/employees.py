"""The table `employees`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.managers import Manager
    from app.models.people import Person


class Employee(base.Base):
    """One row of employees."""

    __tablename__ = "employees"

    person_id: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger(), sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    hired_on: orm.Mapped[dt.date] = orm.mapped_column(sa.Date())

    person: orm.Mapped[Person] = orm.relationship(back_populates="employee", lazy="raise")
    manager: orm.Mapped[Manager | None] = orm.relationship(
        passive_deletes="all", back_populates="employee", lazy="raise"
    )
