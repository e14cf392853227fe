"""The table `memberships`."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base


class Membership(base.Base):
    """One row of memberships."""

    __tablename__ = "memberships"
    __table_args__ = (
        sa.UniqueConstraint("student_id", "club_id", name="uq_memberships_student_id_club_id"),
    )

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    student_id: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("students.id", ondelete="CASCADE")
    )
    club_id: orm.Mapped[UUID] = orm.mapped_column(
        sa.Uuid(), sa.ForeignKey("clubs.id", ondelete="CASCADE")
    )
