"""The tables of the database and the classes that stand for their rows."""

from app.models.players import Player
from app.models.teams import Team

__all__ = [
    "Player",
    "Team",
]
