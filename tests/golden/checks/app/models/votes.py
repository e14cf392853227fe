"""The table `votes`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base


class Vote(base.Base):
    """One row of votes."""

    __tablename__ = "votes"
    __table_args__ = (
        sa.CheckConstraint(sa.column("stars").between(1, 5), name="ck_votes_stars"),
        sa.CheckConstraint(
            sa.or_(sa.column("stars") > 2, sa.column("why").is_not(None)), name="ck_votes_stars_why"
        ),
    )

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    stars: orm.Mapped[int] = orm.mapped_column(sa.SmallInteger())
    why: orm.Mapped[str | None] = orm.mapped_column(sa.String(200))
