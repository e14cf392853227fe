"""Whether the default that a database has is the one that a document asks for.

Apart from how `backbone import` reads defaults, on purpose: a misreading would else be made on the
way in and forgiven on the way out.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from workers.checks.expected import ExpectedColumn
from workers.checks.found import FoundColumn

_NOW: Final = re.compile(r"\(?(CURRENT_TIMESTAMP(\(\d?\))?|now\(\))\)?", re.IGNORECASE)
_QUOTED: Final = re.compile(r"'((?:[^']|'')*)'", re.DOTALL)
_CAST: Final = re.compile(r"::[\w .\"]+(\(\d+(,\d+)?\))?(\[\])?$")
_HOURS_ALONE: Final = re.compile(r":\d\d(\.\d+)?[+-]\d\d$")
"""An offset as PostgreSQL writes it."""
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "r": "\r", "0": "\0"}
_CLOCK: Final = re.compile(
    r"(?:(?P<days>-?\d+) days? ?)?"
    r"(?:(?P<sign>-?)(?P<hours>\d+):(?P<minutes>\d\d):(?P<seconds>[\d.]+))?"
)
_SECONDS: Final = re.compile(r"(-?\d+(?:\.\d+)?) seconds")
_TRUE: Final = frozenset({"1", "true"})
_FALSE: Final = frozenset({"0", "false"})
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_DURATION: Final[TypeAdapter[dt.timedelta]] = TypeAdapter(dt.timedelta)
_DATE_TIME: Final[TypeAdapter[dt.datetime]] = TypeAdapter(dt.datetime)
_TIME: Final[TypeAdapter[dt.time]] = TypeAdapter(dt.time)

# Types that a database can't have a (literal) default for
_WITHOUT_DEFAULT: Final = frozenset({"LargeBinary"})
_WITHOUT_DEFAULT_ON_MYSQL: Final = frozenset({"Text", "JSON"})
_WHOLE_SECONDS_ON_MYSQL: Final = frozenset({"DateTime", "Time", "Interval"})
_FRACTION: Final = re.compile(r"\.\d+")


def default_fault(
    expected: ExpectedColumn, column: FoundColumn, *, engine: str, db_type: str
) -> str | None:
    """What is wrong with the default of a column, or None."""
    found = column.default
    if found is not None and (found.upper() == "NULL" or (column.counts_up and _next(found))):
        found = None
    if expected.default_is_now:
        if found is not None and _NOW.fullmatch(found.strip()):
            return None
        return f"defaults to {found or 'nothing'}, not to the present"
    if expected.default is None or _has_none(expected.type, db_type):
        return None if found is None else f"defaults to {found}, but the document has no default"
    if found is None:
        return f"has no default, not {json.dumps(expected.default)}"
    wanted = _kept(expected, db_type)
    if same_value(expected.type, wanted, _text(found, engine)):
        return None
    return f"defaults to {found}, not {json.dumps(wanted)}"


def _kept(expected: ExpectedColumn, db_type: str) -> object:
    """The default of the document, as far as the database keeps it."""
    cut = db_type == "mysql" and expected.type in _WHOLE_SECONDS_ON_MYSQL
    return _FRACTION.sub("", str(expected.default)) if cut else expected.default


def same_value(kind: str, wanted: object, text: str) -> bool:
    """Whether `text`, as a database keeps it, is the value `wanted` of a document's type."""
    try:
        return _SAME[kind](wanted, text)
    except (ValueError, InvalidOperation):
        return False


def _has_none(kind: str, db_type: str) -> bool:
    return kind in _WITHOUT_DEFAULT or (db_type == "mysql" and kind in _WITHOUT_DEFAULT_ON_MYSQL)


def _next(expression: str) -> bool:
    """Whether it is how PostgreSQL counts up."""
    return expression.startswith("nextval(")


def _text(expression: str, engine: str) -> str:
    """The value of a literal, without its quotes and its type."""
    expression = expression.strip()
    if engine == "postgresql":
        while cast := _CAST.search(expression):
            expression = expression[: cast.start()]
    while expression.startswith("(") and expression.endswith(")"):
        expression = expression[1:-1].strip()
    quoted = _QUOTED.fullmatch(expression)
    if quoted is None:
        return expression
    text = quoted[1].replace("''", "'")
    if engine == "mysql":
        return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), text)
    return text


def _same_number(wanted: object, text: str) -> bool:
    return Decimal(str(wanted)) == Decimal(text)


def _same_float(wanted: object, text: str) -> bool:
    return float(str(wanted)) == float(text)


def _same_boolean(wanted: object, text: str) -> bool:
    return text.lower() in (_TRUE if wanted else _FALSE)


def _same_moment(wanted: object, text: str) -> bool:
    return _moment(str(wanted)) == _moment(text)


def _moment(text: str) -> dt.datetime:
    moment = _DATE_TIME.validate_python(_HOURS_ALONE.sub(r"\g<0>:00", text))
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment


def _same_time(wanted: object, text: str) -> bool:
    return _TIME.validate_python(str(wanted)) == _TIME.validate_python(text)


def _same_duration(wanted: object, text: str) -> bool:
    seconds = _SECONDS.fullmatch(text)  # as PostgreSQL is told
    if seconds is not None:
        return _DURATION.validate_python(wanted).total_seconds() == float(seconds[1])
    clock = _CLOCK.fullmatch(text)  # as it shows it
    if clock is not None and text:
        return bool(_DURATION.validate_python(wanted).total_seconds() == _clock_seconds(clock))
    return _EPOCH + _DURATION.validate_python(wanted) == _moment(text)


def _clock_seconds(clock: re.Match[str]) -> float:
    hours, minutes, seconds = (float(clock[part] or 0) for part in ("hours", "minutes", "seconds"))
    sign = -1 if clock["sign"] else 1
    return int(clock["days"] or 0) * 86_400 + sign * (hours * 3_600 + minutes * 60 + seconds)


_SAME: Final[dict[str, Callable[[object, str], bool]]] = {
    "Integer": _same_number,
    "BigInteger": _same_number,
    "SmallInteger": _same_number,
    "Numeric": _same_number,
    "Float": _same_float,
    "Boolean": _same_boolean,
    "String": lambda wanted, text: wanted == text,
    "Text": lambda wanted, text: wanted == text,
    "Enum": lambda wanted, text: wanted == text,
    "JSON": lambda wanted, text: bool(wanted == json.loads(text)),
    "UUID": lambda wanted, text: UUID(str(wanted)) == UUID(text),
    "Date": lambda wanted, text: _moment(str(wanted)).date() == _moment(text).date(),
    "DateTime": _same_moment,
    "Time": _same_time,
    "Interval": _same_duration,
}
