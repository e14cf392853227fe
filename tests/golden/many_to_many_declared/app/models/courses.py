"""The table `courses`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.students import Student


class Course(base.Base):
    """One row of courses."""

    __tablename__ = "courses"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    title: orm.Mapped[str] = orm.mapped_column(sa.String(80))

    students: orm.Mapped[list[Student]] = orm.relationship(
        secondary="enrolments", viewonly=True, lazy="raise"
    )
