"""The table `teams`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.players import Player


class Team(base.Base):
    """One row of teams."""

    __tablename__ = "teams"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(60), unique=True)
    captain_id: orm.Mapped[int | None] = orm.mapped_column(
        sa.Integer(),
        sa.ForeignKey(
            "players.id", name="fk_teams_captain_id_players", ondelete="SET NULL", use_alter=True
        ),
    )

    captain: orm.Mapped[Player | None] = orm.relationship(
        foreign_keys="Team.captain_id", post_update=True, back_populates="teams", lazy="raise"
    )
    players: orm.Mapped[list[Player]] = orm.relationship(
        foreign_keys="Player.team_id", passive_deletes="all", back_populates="team", lazy="raise"
    )
