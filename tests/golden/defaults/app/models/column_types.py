"""Types and defaults of columns that mean the same on every database."""

import datetime as dt
import enum
import json
from typing import Any

import sqlalchemy as sa


class UtcDateTime(sa.TypeDecorator[dt.datetime]):
    """A moment in UTC: a time without an offset is taken as UTC, and all that is read has one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: dt.datetime | None,
        dialect: sa.Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> dt.datetime | None:
        """Turn what is written into UTC."""
        return None if value is None else _in_utc(value)

    def process_result_value(
        self,
        value: dt.datetime | None,
        dialect: sa.Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> dt.datetime | None:
        """Say of what is read that it is UTC, which SQLite and MySQL do not keep."""
        return None if value is None else _in_utc(value)


def _in_utc(value: dt.datetime) -> dt.datetime:
    return value.replace(tzinfo=value.tzinfo or dt.UTC).astimezone(dt.UTC)


class Json(sa.JSON):
    """JSON in which 1, 1.0 and true are three values, though Python calls them equal."""

    def compare_values(self, x: Any, y: Any) -> bool:  # noqa: ANN401 - SQLAlchemy's signature
        """Tell what has changed by how it is written."""
        return bool(x == y) and json.dumps(x, sort_keys=True) == json.dumps(y, sort_keys=True)


def enum_of(members: type[enum.StrEnum], *, name: str) -> sa.Enum:
    """Make a type that stores the values of an enum rather than the names of its members."""
    return sa.Enum(
        members,
        name=name,
        values_callable=lambda found: [one.value for one in found],
    )
