"""The tables of the database and the classes that stand for their rows."""

from app.models.offers import Offer
from app.models.votes import Vote

__all__ = [
    "Offer",
    "Vote",
]
