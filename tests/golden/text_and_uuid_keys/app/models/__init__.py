"""The tables of the database and the classes that stand for their rows."""

from app.models.cities import City
from app.models.countries import Country
from app.models.prices import Price
from app.models.words import Word

__all__ = [
    "City",
    "Country",
    "Price",
    "Word",
]
