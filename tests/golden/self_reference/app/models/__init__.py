"""The tables of the database and the classes that stand for their rows."""

from app.models.employees import Employee
from app.models.folders import Folder

__all__ = [
    "Employee",
    "Folder",
]
