"""The tables of the database and the classes that stand for their rows."""

from app.models.accounts import Account
from app.models.profiles import Profile
from app.models.settings import AccountSettings

__all__ = [
    "Account",
    "AccountSettings",
    "Profile",
]
