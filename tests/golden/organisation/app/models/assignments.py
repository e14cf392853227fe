"""The table `assignments`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.people import Person
    from app.models.projects import Project


class Assignment(base.Base):
    """How much of someone's time a project has."""

    __tablename__ = "assignments"
    __table_args__ = (
        sa.CheckConstraint(
            sa.and_(sa.column("share") > 0, sa.column("share") <= 1), name="ck_assignments_share"
        ),
        {"comment": "How much of someone's time a project has."},
    )

    project_id: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: orm.Mapped[UUID] = orm.mapped_column(
        sa.Uuid(), sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: orm.Mapped[str] = orm.mapped_column(
        sa.String(60), default="member", server_default="member"
    )
    share: orm.Mapped[float] = orm.mapped_column(
        sa.Float(), default=1.0, server_default=sa.text("1.0"), comment="1 is full time."
    )

    project: orm.Mapped[Project] = orm.relationship(back_populates="assignments", lazy="raise")
    person: orm.Mapped[Person] = orm.relationship(back_populates="assignments", lazy="raise")
