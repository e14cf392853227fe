"""Values from outside as Python source that means exactly them and nothing else."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from uuid import UUID


def literal(value: object) -> str:
    """Python source of `value`, in ASCII and printable characters alone.

    For JSON values and for the types of columns, with `dt`, `Decimal` and `UUID` as the names under
    which a module imports them. Line separators, controls, bidirectional marks and whatever else
    `str.isprintable` refuses come out as escapes, since that is what `repr` does with them.
    TypeError for anything else: nothing is written by its own idea of a `repr`.
    """
    if value is None or isinstance(value, bool | int | str | bytes):
        return repr(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else f'float("{value}")'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
    return _typed_literal(value)


def _typed_literal(value: object) -> str:
    if isinstance(value, Decimal):
        plain = f"{value:f}"
        return f"Decimal({plain})" if "." not in plain else f'Decimal("{plain}")'
    if isinstance(value, UUID):
        return f'UUID("{value}")'
    if isinstance(value, dt.datetime):
        parts = [value.year, value.month, value.day, *_clock(value.hour, value.minute, value)]
        zone = ", tzinfo=dt.UTC" if value.tzinfo is not None else ""
        return f"dt.datetime({', '.join(map(str, parts))}{zone})"
    if isinstance(value, dt.date):
        return f"dt.date({value.year}, {value.month}, {value.day})"
    if isinstance(value, dt.time):
        return f"dt.time({', '.join(map(str, _clock(value.hour, value.minute, value)))})"
    if isinstance(value, dt.timedelta):
        amounts = {"days": value.days, "seconds": value.seconds, "microseconds": value.microseconds}
        said = ", ".join(f"{name}={number}" for name, number in amounts.items() if number)
        return f"dt.timedelta({said})"
    message = f"no literal for a {type(value).__name__}"
    raise TypeError(message)


def _clock(hour: int, minute: int, value: dt.datetime | dt.time) -> list[int]:
    if value.microsecond:
        return [hour, minute, value.second, value.microsecond]
    return [hour, minute, value.second] if value.second else [hour, minute]
