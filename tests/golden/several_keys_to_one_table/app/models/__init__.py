"""The tables of the database and the classes that stand for their rows."""

from app.models.airports import Airport
from app.models.flights import Flight

__all__ = [
    "Airport",
    "Flight",
]
