"""The table `units`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.people import Person
    from app.models.projects import Project


class Unit(base.TimestampMixin, base.Base):
    """A division, department or team. The topmost has no parent."""

    __tablename__ = "units"
    __table_args__ = ({"comment": "A division, department or team. The topmost has no parent."},)

    code: orm.Mapped[str] = orm.mapped_column(
        sa.String(20), primary_key=True, comment="A short word such as `SALES-EU`."
    )
    name: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    parent_code: orm.Mapped[str | None] = orm.mapped_column(
        sa.String(20), sa.ForeignKey("units.code", ondelete="RESTRICT"), index=True
    )
    head_id: orm.Mapped[UUID | None] = orm.mapped_column(
        sa.Uuid(),
        sa.ForeignKey(
            "people.id", name="fk_units_head_id_people", ondelete="SET NULL", use_alter=True
        ),
        comment="Who leads it; a person, who belongs to a unit in turn.",
    )
    cost_centre: orm.Mapped[str | None] = orm.mapped_column(sa.String(12), unique=True)

    parent: orm.Mapped[Unit | None] = orm.relationship(
        remote_side="Unit.code", back_populates="children", lazy="raise"
    )
    children: orm.Mapped[list[Unit]] = orm.relationship(
        passive_deletes="all", back_populates="parent", lazy="raise"
    )
    head: orm.Mapped[Person | None] = orm.relationship(
        foreign_keys="Unit.head_id", post_update=True, back_populates="led_units", lazy="raise"
    )
    people: orm.Mapped[list[Person]] = orm.relationship(
        foreign_keys="Person.unit_code", passive_deletes="all", back_populates="unit", lazy="raise"
    )
    projects: orm.Mapped[list[Project]] = orm.relationship(
        passive_deletes="all", back_populates="owner", lazy="raise"
    )
