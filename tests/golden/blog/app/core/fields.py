"""The types of fields that the API takes in: no wider than what the database can hold.

What one of these types lets through can be stored, compared and read back.

Times are kept in UTC: an offset is converted, a time without one is taken as UTC.
"""

import datetime as dt
import re
from typing import Annotated, Any

from annotated_types import Ge, Le
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Strict,
    StringConstraints,
    model_validator,
)

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


_NO_NUL = r"^[^\x00]*$"
_LOST_PLUS = re.compile(r"^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.]*) (\d\d:\d\d)$", re.ASCII)


def _written(pattern: str, meaning: str) -> BeforeValidator:
    """Take values of the right type as they are, and text only where it is written like `pattern`."""
    shape = re.compile(pattern)

    def check(value: object) -> object:
        if isinstance(value, int | float) or (isinstance(value, str) and not shape.match(value)):
            raise ValueError(f"should be {meaning}")
        return value

    return BeforeValidator(check)


def _in_utc(value: dt.datetime) -> dt.datetime:
    try:
        return value.replace(tzinfo=value.tzinfo or dt.UTC).astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("should lie between the years 1 and 9999 in UTC") from None


def _with_its_plus(value: object) -> object:
    return _LOST_PLUS.sub(r"\1+\2", value) if isinstance(value, str) else value


Integer = Annotated[int, Ge(-(2**31)), Le(2**31 - 1)]
Text = Annotated[str, StringConstraints(pattern=_NO_NUL)]
DateTime = Annotated[
    dt.datetime,
    Strict(False),
    _written(r"\d{4}-\d\d-\d\d[T ]", "a time such as 2024-12-31T23:59:59Z"),
    AfterValidator(_in_utc),
]
Moment = Annotated[DateTime, BeforeValidator(_with_its_plus)]
"""A `DateTime` in a query, where a `+` that nobody escaped arrives as a space."""
