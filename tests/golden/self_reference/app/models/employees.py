"""The table `employees`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base


class Employee(base.Base):
    """One row of employees."""

    __tablename__ = "employees"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    manager_id: orm.Mapped[int | None] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("employees.id", ondelete="SET NULL")
    )
    mentor_id: orm.Mapped[int | None] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("employees.id", ondelete="SET NULL")
    )

    reports: orm.Mapped[list[Employee]] = orm.relationship(
        foreign_keys="Employee.manager_id",
        passive_deletes="all",
        back_populates="manager",
        lazy="raise",
    )
    mentor: orm.Mapped[Employee | None] = orm.relationship(
        foreign_keys="Employee.mentor_id",
        remote_side="Employee.id",
        back_populates="mentees",
        lazy="raise",
    )
    manager: orm.Mapped[Employee | None] = orm.relationship(
        foreign_keys="Employee.manager_id",
        remote_side="Employee.id",
        back_populates="reports",
        lazy="raise",
    )
    mentees: orm.Mapped[list[Employee]] = orm.relationship(
        foreign_keys="Employee.mentor_id",
        passive_deletes="all",
        back_populates="mentor",
        lazy="raise",
    )
