"""Values for rows: a different one for each number, written as the API shows it."""

import base64
import datetime as dt
from decimal import Decimal

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


def moment(number: int) -> str:
    """`2024-01-01T00:07:00Z`"""
    return (_START + dt.timedelta(minutes=number)).isoformat().replace("+00:00", "Z")


def clock(number: int) -> str:
    """`00:00:07`"""
    return (_START + dt.timedelta(seconds=number)).time().isoformat()


def days(number: int) -> str:
    """`P7D`"""
    return f"P{number}D"


def anything(number: int) -> dict[str, object]:
    """Any JSON value."""
    return {"number": number, "list": [None, True, "text"]}


def binary(number: int, length: int) -> str:
    """`/+//6A==`: up to four bytes, which are no text and whose base64 differs in URLs."""
    mixed = number ^ (0xFFEFFFEF >> 8 * (4 - length))
    return base64.b64encode((mixed % 256**length).to_bytes(length, "big")).decode()
