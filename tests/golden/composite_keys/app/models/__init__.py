"""The tables of the database and the classes that stand for their rows."""

from app.models.auth_users import AuthUser
from app.models.bookings import Booking
from app.models.rooms import Room

__all__ = [
    "AuthUser",
    "Booking",
    "Room",
]
