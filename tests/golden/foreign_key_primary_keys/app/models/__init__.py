"""The tables of the database and the classes that stand for their rows."""

from app.models.employees import Employee
from app.models.managers import Manager
from app.models.people import Person

__all__ = [
    "Employee",
    "Manager",
    "Person",
]
