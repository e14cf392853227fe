"""The table `students`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.clubs import Club
    from app.models.courses import Course


class Student(base.Base):
    """One row of students."""

    __tablename__ = "students"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(80))

    courses: orm.Mapped[list[Course]] = orm.relationship(
        secondary="enrolments", viewonly=True, lazy="raise"
    )
    clubs: orm.Mapped[list[Club]] = orm.relationship(
        secondary="memberships", passive_deletes=True, back_populates="students", lazy="raise"
    )
