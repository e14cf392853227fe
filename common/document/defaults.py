"""Defaults: whether a JSON value is one that the column can hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from pydantic import TypeAdapter

from common.document.draft import Draft, DraftColumn
from common.document.pointers import kind_of, shorten
from common.document.resolved import ColumnType

_RANGES = {
    ColumnType.SMALL_INTEGER: 2**15,
    ColumnType.INTEGER: 2**31,
    ColumnType.BIG_INTEGER: 2**63,
}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?", re.ASCII)
_DATETIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII
)
_DURATION = re.compile(
    r"-?P(?=[\dT])(\d{1,6}D)?(T(?=\d)(\d{1,9}H)?(\d{1,9}M)?(\d{1,9}(\.\d{1,6})?S)?)?", re.ASCII
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_TIMES = {ColumnType.DATETIME, ColumnType.TIME, ColumnType.INTERVAL}
_FRACTION = re.compile(r"\.(\d+)")
_MAX_DURATION = timedelta(days=300_000)
"""What the API takes: databases without a type for it store a duration as a date around 1970."""
_ISO_DURATION = TypeAdapter(timedelta)


def _loses(text: str) -> bool:
    """Whether a fraction is more than zeros."""
    fraction = _FRACTION.search(text)
    return fraction is not None and bool(fraction[1].strip("0"))


def _moment(text: str) -> None:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        moment.astimezone(UTC)  # OverflowError at both ends of time


def _duration(text: str) -> None:
    if abs(_ISO_DURATION.validate_python(text)) > _MAX_DURATION:
        raise OverflowError


def _nothing(_text: str) -> None:
    """The pattern says it all."""


def check_default(draft: Draft, column: DraftColumn) -> None:
    """Note a default that is not of the column's (resolved) type."""
    source = column.source
    if source is None or column.doubtful or column.type is None or not source.has_default:
        return
    pointer = f"{column.pointer}/default"
    value = source.default
    if value is None:
        if not column.nullable:
            draft.findings.fault(
                pointer, "invalid_default", f"{column.name} can't be null, so neither its default."
            )
        return
    complaint, kept = misfit(value, column), kept_default(draft, column)
    if complaint is not None:
        shown = f" ({shorten(value, 40)!r})" if isinstance(value, str) else ""
        draft.findings.fault(
            pointer,
            "invalid_default",
            f"The default of {column.name} must be {complaint}, not {kind_of(value)}{shown}.",
        )
    elif kept != value and _loses(str(value)):
        draft.findings.warn(
            pointer,
            "fraction_cut",
            f"MySQL keeps no fractions of seconds; the default of {column.name} is {kept!r}.",
        )


def kept_default(draft: Draft, column: DraftColumn) -> object:
    """The declared default, without the fractions of seconds that MySQL would cut, or round up."""
    value = column.source.default if column.source is not None else None
    if draft.db_type == "mysql" and column.type in _TIMES and isinstance(value, str):
        return _FRACTION.sub("", value)
    return value


def misfit(value: object, column: DraftColumn) -> str | None:
    """What `value` should have been to stand in `column`, or None if it is fine."""
    return None if column.type is None else _CHECKS[column.type](value, column)


Check = Callable[[object, DraftColumn], str | None]
"""What the value should have been, or None if it is fine."""


def _whole(value: object, column: DraftColumn) -> str | None:
    bound = _RANGES[column.type or ColumnType.INTEGER]
    if isinstance(value, int) and not isinstance(value, bool) and -bound <= value < bound:
        return None
    return f"a whole number of at least {-bound} and less than {bound}"


def _text(value: object, column: DraftColumn) -> str | None:
    if not isinstance(value, str):
        return "a string"
    if column.length is not None and len(value) > column.length:
        return f"a string of at most {column.length} characters"
    return None


def _boolean(value: object, _: DraftColumn) -> str | None:
    return None if isinstance(value, bool) else "true or false"


def _real(value: object, _: DraftColumn) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "a number"
    try:
        float(value)
    except OverflowError:
        return "a number that a Float can hold"
    return None


def _decimal(value: object, column: DraftColumn) -> str | None:
    """A number, or a string of digits, which keeps digits that a JSON number may lose."""
    if isinstance(value, str):
        if not re.fullmatch(r"-?\d{1,1000}(\.\d{1,1000})?", value, re.ASCII):
            return "a number, or a string like '12.50'"
        number = Decimal(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = Decimal(str(value))
    else:
        return "a number, or a string like '12.50'"
    if column.precision is None:
        return None
    scale = column.scale or 0
    _, digits, exponent = number.normalize().as_tuple()
    behind = max(0, -int(exponent))
    before = max(0, len(digits) + int(exponent)) if number else 0
    if behind > scale or before > column.precision - scale:
        before = column.precision - scale
        return f"a number of at most {before} digits before and {scale} behind the point"
    return None


def _parsed(pattern: re.Pattern[str], parse: Callable[[str], object], wanted: str) -> Check:
    def check(value: object, _: DraftColumn) -> str | None:
        if isinstance(value, str) and pattern.fullmatch(value):
            try:
                parse(value)
            except (ValueError, OverflowError):
                return wanted
            return None
        return wanted

    return check


def _one_of(value: object, column: DraftColumn) -> str | None:
    if not column.values or (isinstance(value, str) and value in column.values):
        return None
    return "one of its values"


def _anything(_value: object, _column: DraftColumn) -> str | None:
    return None


_CHECKS: dict[ColumnType, Check] = {
    ColumnType.INTEGER: _whole,
    ColumnType.BIG_INTEGER: _whole,
    ColumnType.SMALL_INTEGER: _whole,
    ColumnType.STRING: _text,
    ColumnType.TEXT: _text,
    ColumnType.BOOLEAN: _boolean,
    ColumnType.DATETIME: _parsed(_DATETIME, _moment, "a moment like '2026-01-31T12:00:00Z'"),
    ColumnType.DATE: _parsed(_DATE, date.fromisoformat, "a date like '2026-01-31'"),
    ColumnType.TIME: _parsed(_TIME, time.fromisoformat, "a time like '12:30:00'"),
    ColumnType.INTERVAL: _parsed(_DURATION, _duration, "a duration like 'P1DT12H' (ISO 8601)"),
    ColumnType.NUMERIC: _decimal,
    ColumnType.FLOAT: _real,
    ColumnType.ENUM: _one_of,
    ColumnType.JSON: _anything,
    ColumnType.UUID: _parsed(_UUID, _nothing, "a UUID, 32 hexadecimal digits with four hyphens"),
    ColumnType.LARGE_BINARY: _parsed(_BASE64, _nothing, "a string in base64"),
}
