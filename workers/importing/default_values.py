"""Literals of SQL as the JSON values that documents have for the same defaults."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter


class UnsayableError(Exception):
    """An expression that documents have no words for."""


_TRUE: Final = frozenset({"1", "t", "true", "y", "yes", "on"})
_FALSE: Final = frozenset({"0", "f", "false", "n", "no", "off"})
_DURATION: Final[TypeAdapter[dt.timedelta]] = TypeAdapter(dt.timedelta)
_CLOCK: Final = re.compile(
    r"(?:(?P<days>-?\d+) days? ?)?(?:(?P<sign>-)?(?P<h>\d+):(?P<m>\d\d):(?P<s>\d\d(?:\.\d+)?))?"
)
_SECONDS: Final = re.compile(r"(-?\d+(?:\.\d+)?) seconds?")


def json_value(content: str | bool | None, word: str) -> object:
    """A literal as the document writes it; UnsayableError if the type has no such value."""
    if content is None:
        return None
    if isinstance(content, bool):
        if word == "Boolean":
            return content
        content = "1" if content else "0"
    try:
        return _WRITERS[word](content)
    except (ValueError, InvalidOperation, OverflowError, KeyError):
        raise UnsayableError from None


def _boolean(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise UnsayableError


def _whole(text: str) -> int:
    number = Decimal(text)
    if number != number.to_integral_value():
        raise UnsayableError
    return int(number)


def _exact(text: str) -> object:
    number = Decimal(text)
    if not number.is_finite():
        raise UnsayableError
    plain = f"{number:f}"
    if number == number.to_integral_value() and abs(number) < 10**_SAFE_DIGITS:
        return int(number)
    return float(plain) if Decimal(str(float(plain))) == number else plain


_SAFE_DIGITS: Final = 15
"""What every reader of JSON keeps."""


def _real(text: str) -> object:
    number = float(text)
    if not Decimal(text).is_finite():
        raise UnsayableError
    return int(number) if number.is_integer() and abs(number) < 10**_SAFE_DIGITS else number


def _moment(text: str) -> str:
    moment = dt.datetime.fromisoformat(text.strip())
    moment = moment.replace(tzinfo=moment.tzinfo or dt.UTC).astimezone(dt.UTC)
    return moment.isoformat().replace("+00:00", "Z")


def _interval(text: str) -> str:
    seconds = _SECONDS.fullmatch(text)
    clock = _CLOCK.fullmatch(text)
    if seconds is not None:
        span = dt.timedelta(seconds=float(seconds[1]))
    elif clock is not None and clock[0]:
        span = dt.timedelta(
            hours=int(clock["h"] or 0), minutes=int(clock["m"] or 0), seconds=float(clock["s"] or 0)
        )
        span = (-span if clock["sign"] else span) + dt.timedelta(days=int(clock["days"] or 0))
    else:
        span = _DURATION.validate_python(text)
    return str(_DURATION.dump_python(span, mode="json"))


def _binary(text: str) -> str:
    if not text.startswith("\\x"):
        raise UnsayableError
    return base64.b64encode(bytes.fromhex(text[2:])).decode()


_WRITERS: Final[dict[str, Callable[[str], object]]] = {
    "Integer": _whole,
    "BigInteger": _whole,
    "SmallInteger": _whole,
    "Numeric": _exact,
    "Float": _real,
    "Boolean": _boolean,
    "String": str,
    "Text": str,
    "Enum": str,
    "DateTime": _moment,
    "Date": lambda text: dt.date.fromisoformat(text).isoformat(),
    "Time": lambda text: dt.time.fromisoformat(text).isoformat(),
    "Interval": _interval,
    "JSON": json.loads,
    "UUID": lambda text: str(UUID(text)),
    "LargeBinary": _binary,
}
