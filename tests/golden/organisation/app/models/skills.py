"""The table `skills`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.people import Person


class Skill(base.Base):
    """Something that people can do."""

    __tablename__ = "skills"
    __table_args__ = ({"comment": "Something that people can do."},)

    name: orm.Mapped[str] = orm.mapped_column(sa.String(60), primary_key=True)
    broader_name: orm.Mapped[str | None] = orm.mapped_column(
        sa.String(60), sa.ForeignKey("skills.name", ondelete="CASCADE")
    )

    broader: orm.Mapped[Skill | None] = orm.relationship(
        remote_side="Skill.name", back_populates="broader_of", lazy="raise"
    )
    broader_of: orm.Mapped[list[Skill]] = orm.relationship(
        passive_deletes="all", back_populates="broader", lazy="raise"
    )
    people: orm.Mapped[list[Person]] = orm.relationship(
        secondary="people_skills", passive_deletes=True, back_populates="skills", lazy="raise"
    )
