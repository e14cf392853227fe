"""The tables of the database and the classes that stand for their rows."""

from app.models.class_ import Class
from app.models.order import OrderBy
from app.models.user import User

__all__ = [
    "Class",
    "OrderBy",
    "User",
]
