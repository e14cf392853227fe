"""The table `enrolments`."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base


class Enrolment(base.Base):
    """One row of enrolments."""

    __tablename__ = "enrolments"

    student_id: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("students.id", ondelete="CASCADE"), primary_key=True
    )
    course_id: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("courses.id", ondelete="RESTRICT"), primary_key=True
    )
    enrolled_on: orm.Mapped[dt.date] = orm.mapped_column(sa.Date())
