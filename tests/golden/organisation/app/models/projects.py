"""The table `projects`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.assignments import Assignment
    from app.models.units import Unit


class Project(base.SoftDeleteMixin, base.Base):
    """Work with a beginning and an end."""

    __tablename__ = "projects"
    __table_args__ = ({"comment": "Work with a beginning and an end."},)

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    owner_code: orm.Mapped[str] = orm.mapped_column(
        sa.String(20), sa.ForeignKey("units.code", ondelete="CASCADE"), index=True
    )
    follows_id: orm.Mapped[int | None] = orm.mapped_column(
        sa.Integer(),
        sa.ForeignKey("projects.id", ondelete="SET NULL"),
        unique=True,
        comment="The project that this one goes on from.",
    )
    budget: orm.Mapped[Decimal | None] = orm.mapped_column(sa.Numeric(14, 2))

    owner: orm.Mapped[Unit] = orm.relationship(back_populates="projects", lazy="raise")
    predecessor: orm.Mapped[Project | None] = orm.relationship(
        remote_side="Project.id", back_populates="successor", lazy="raise"
    )
    successor: orm.Mapped[Project | None] = orm.relationship(
        passive_deletes="all", back_populates="predecessor", lazy="raise"
    )
    assignments: orm.Mapped[list[Assignment]] = orm.relationship(
        passive_deletes="all", back_populates="project", lazy="raise"
    )
