"""The table `players`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.teams import Team


class Player(base.Base):
    """One row of players."""

    __tablename__ = "players"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(60))
    team_id: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("teams.id", ondelete="CASCADE")
    )

    team: orm.Mapped[Team] = orm.relationship(
        foreign_keys="Player.team_id", back_populates="players", lazy="raise"
    )
    teams: orm.Mapped[list[Team]] = orm.relationship(
        foreign_keys="Team.captain_id",
        passive_deletes="all",
        back_populates="captain",
        lazy="raise",
    )
