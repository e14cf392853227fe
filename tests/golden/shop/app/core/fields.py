"""The types of fields that the API takes in: no wider than what the database can hold.

What one of these types lets through can be stored, compared and read back, but for this:

- SQLite keeps a Numeric as a float, which loses digits after the fifteenth.
- PostgreSQL refuses a text that is too long for an index that it is in (some 2,700 bytes).

Times are kept in UTC: an offset is converted, a time without one is taken as UTC.
"""

import datetime as dt
import math
import re
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from annotated_types import Ge, Le, MinLen
from pydantic import (
    AfterValidator,
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    Strict,
    StringConstraints,
    model_validator,
)
from pydantic_core import to_json

MAX_UNKNOWN_MEMBERS = 100
"""How many members that nobody knows are told one by one."""

OUTPUT = ConfigDict(from_attributes=True, protected_namespaces=())


def with_example(body: dict[str, Any]) -> ConfigDict:
    """Show a body that works."""
    return ConfigDict(json_schema_extra={"examples": [body]})


def _without_defaults(schema: dict[str, Any]) -> None:
    for member in schema.get("properties", {}).values():
        member.pop("default", None)


CHANGES = ConfigDict(json_schema_extra=_without_defaults)
ABSENT: Any = None
"""Stands where a member of a partial update was not sent; such a member is not even looked at."""


class Input(BaseModel):
    """What is taken in: strictly, and nothing that nobody knows."""

    model_config = ConfigDict(extra="forbid", strict=True, protected_namespaces=())

    @model_validator(mode="before")
    @classmethod
    def _refuse_a_flood(cls, value: object) -> object:
        """Refuse many members as one, before each of them becomes a fault of its own."""
        most = len(cls.model_fields) + MAX_UNKNOWN_MEMBERS
        if isinstance(value, dict) and len(value) > most:
            raise ValueError(f"should have at most {most} members")
        return value


MAX_JSON_DEPTH = 50
MAX_JSON_BYTES = 1_000_000
_NO_NUL = r"^[^\x00]*$"
_SEGMENT = r"^(\.{3,}|[^\x00/]*[^\x00/.][^\x00/]*)$"
"""What can stand in a path, as a schema says it."""
_NUMBER = re.compile(r"^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?$", re.ASCII)
_LOST_PLUS = re.compile(r"^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.]*) (\d\d:\d\d)$", re.ASCII)


def _written(pattern: str, meaning: str) -> BeforeValidator:
    """Take values of the right type as they are, and text only where it is written like `pattern`."""
    shape = re.compile(pattern)

    def check(value: object) -> object:
        if isinstance(value, int | float) or (isinstance(value, str) and not shape.match(value)):
            raise ValueError(f"should be {meaning}")
        return value

    return BeforeValidator(check)


def _segment(value: object) -> object:
    """Refuse what can't stand in a path: a slash, and `.` and `..`, which clients resolve."""
    if isinstance(value, str) and ("/" in value or "\x00" in value or value in {".", ".."}):
        raise ValueError("should hold no slash and no NUL, and be neither . nor ..")
    return value


def _number(value: object) -> object:
    if isinstance(value, bool) or (isinstance(value, str) and not _NUMBER.match(value)):
        raise ValueError("should be a number")
    return value


def _plainly(value: Decimal) -> str:
    return f"{value:f}"


def _in_utc(value: dt.datetime) -> dt.datetime:
    try:
        return value.replace(tzinfo=value.tzinfo or dt.UTC).astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("should lie between the years 1 and 9999 in UTC") from None


def _with_its_plus(value: object) -> object:
    return _LOST_PLUS.sub(r"\1+\2", value) if isinstance(value, str) else value


def _storable(value: object) -> object:
    """Refuse what JSON columns can't hold: null, NUL, lone surrogates, NaN, too deep or too much."""
    if value is None:
        raise ValueError("should not be null")
    level: list[object] = [value]
    for _ in range(MAX_JSON_DEPTH):
        below: list[object] = []
        for part in level:
            if isinstance(part, dict):
                below += [*part.keys(), *part.values()]
            elif isinstance(part, list):
                below += part
            elif isinstance(part, float) and not math.isfinite(part):
                raise ValueError("should hold no NaN and no infinity")
            elif isinstance(part, str) and not _is_text(part):
                raise ValueError("should hold no NUL and no lone surrogate")
        if not below:
            return _bounded_json(value)
        level = below
    raise ValueError(f"should be nested at most {MAX_JSON_DEPTH} levels deep")


def _bounded_json(value: object) -> object:
    if len(to_json(value)) > MAX_JSON_BYTES:
        raise ValueError(f"should be at most {MAX_JSON_BYTES} bytes long, written without spaces")
    return value


def _is_text(value: str) -> bool:
    return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)


SmallInteger = Annotated[int, Ge(-(2**15)), Le(2**15 - 1)]
Integer = Annotated[int, Ge(-(2**31)), Le(2**31 - 1)]
BigInteger = Annotated[int, Ge(-(2**63)), Le(2**63 - 1)]
Float = Annotated[float, AllowInfNan(False)]
Numeric = Annotated[
    Decimal,
    Strict(False),
    AllowInfNan(False),
    Ge(Decimal("-1e65")),
    Le(Decimal("1e65")),
    BeforeValidator(_number),
]
PlainDecimal = Annotated[Decimal, PlainSerializer(_plainly, when_used="json")]
"""A `Numeric` as it is shown: without an exponent."""
Text = Annotated[str, StringConstraints(pattern=_NO_NUL)]
Key = Annotated[str, StringConstraints(pattern=_SEGMENT), MinLen(1), BeforeValidator(_segment)]
Uuid = Annotated[UUID, Strict(False)]
Date = Annotated[dt.date, Strict(False), _written(r"\d{4}-\d\d-\d\d$", "a date such as 2024-12-31")]
DateTime = Annotated[
    dt.datetime,
    Strict(False),
    _written(r"\d{4}-\d\d-\d\d[T ]", "a time such as 2024-12-31T23:59:59Z"),
    AfterValidator(_in_utc),
]
Moment = Annotated[DateTime, BeforeValidator(_with_its_plus)]
"""A `DateTime` in a query, where a `+` that nobody escaped arrives as a space."""
Json = Annotated[Any, BeforeValidator(_storable)]
