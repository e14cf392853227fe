"""The table `people`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base
from app.models.people_mentees import people_mentees

if TYPE_CHECKING:
    from app.models.assignments import Assignment
    from app.models.badges import Badge
    from app.models.skills import Skill
    from app.models.units import Unit


class Person(base.TimestampMixin, base.SoftDeleteMixin, base.Base):
    """Someone who works here."""

    __tablename__ = "people"
    __table_args__ = (
        sa.CheckConstraint(
            sa.or_(sa.column("left_on").is_(None), sa.column("left_on") >= sa.column("joined_on")),
            name="ck_people_left_on_joined_on",
        ),
        {"comment": "Someone who works here."},
    )

    id: orm.Mapped[UUID] = orm.mapped_column(sa.Uuid(), primary_key=True, default=uuid4)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(120), index=True)
    email: orm.Mapped[str] = orm.mapped_column(sa.String(254), unique=True)
    unit_code: orm.Mapped[str] = orm.mapped_column(
        sa.String(20), sa.ForeignKey("units.code", ondelete="RESTRICT"), index=True
    )
    manager_id: orm.Mapped[UUID | None] = orm.mapped_column(
        sa.Uuid(), sa.ForeignKey("people.id", ondelete="SET NULL"), index=True
    )
    joined_on: orm.Mapped[dt.date] = orm.mapped_column(sa.Date())
    left_on: orm.Mapped[dt.date | None] = orm.mapped_column(sa.Date())

    manager: orm.Mapped[Person | None] = orm.relationship(
        remote_side="Person.id", back_populates="reports", lazy="raise"
    )
    mentees: orm.Mapped[list[Person]] = orm.relationship(
        secondary="people_mentees",
        primaryjoin=lambda: Person.id == people_mentees.c.person_id,
        secondaryjoin=lambda: Person.id == people_mentees.c.mentee_id,
        passive_deletes=True,
        back_populates="mentors",
        lazy="raise",
    )
    mentors: orm.Mapped[list[Person]] = orm.relationship(
        secondary="people_mentees",
        primaryjoin=lambda: Person.id == people_mentees.c.mentee_id,
        secondaryjoin=lambda: Person.id == people_mentees.c.person_id,
        passive_deletes=True,
        back_populates="mentees",
        lazy="raise",
    )
    badge: orm.Mapped[Badge | None] = orm.relationship(
        passive_deletes="all", back_populates="holder", lazy="raise"
    )
    skills: orm.Mapped[list[Skill]] = orm.relationship(
        secondary="people_skills", passive_deletes=True, back_populates="people", lazy="raise"
    )
    led_units: orm.Mapped[list[Unit]] = orm.relationship(
        foreign_keys="Unit.head_id", passive_deletes="all", back_populates="head", lazy="raise"
    )
    unit: orm.Mapped[Unit] = orm.relationship(
        foreign_keys="Person.unit_code", back_populates="people", lazy="raise"
    )
    reports: orm.Mapped[list[Person]] = orm.relationship(
        passive_deletes="all", back_populates="manager", lazy="raise"
    )
    assignments: orm.Mapped[list[Assignment]] = orm.relationship(
        passive_deletes="all", back_populates="person", lazy="raise"
    )
