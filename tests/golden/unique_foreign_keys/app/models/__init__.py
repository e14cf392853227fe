"""The tables of the database and the classes that stand for their rows."""

from app.models.auth_users import AuthUser
from app.models.currencies import Currency
from app.models.quotes import Quote
from app.models.rates import Rate

__all__ = [
    "AuthUser",
    "Currency",
    "Quote",
    "Rate",
]
