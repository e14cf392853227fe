"""The tables of the database and the classes that stand for their rows."""

from app.models.boxes import Box
from app.models.shelves import Shelf
from app.models.warehouses import Warehouse

__all__ = [
    "Box",
    "Shelf",
    "Warehouse",
]
