"""Values for rows: a different one for each number, written as the API shows it."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

_START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def text(word: str, number: int) -> str:
    """`title-7`"""
    return f"{word}-{number}"


def short_text(number: int, width: int) -> str:
    """`0007`, to the base of 36."""
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits


def decimal(number: int, places: int, scale: int = 0) -> str:
    """`7.00`, or `0.07` where `scale` is 2."""
    return f"{Decimal(number).scaleb(-scale):.{places}f}"


def date(number: int) -> str:
    """`2024-01-08`"""
    return (_START + dt.timedelta(days=number)).date().isoformat()


def uuid(number: int) -> str:
    """`00000000-0000-0000-0000-000000000007`"""
    return str(UUID(int=number))
