"""Types and defaults of columns that mean the same on every database."""

import datetime as dt
import enum

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


def enum_of(members: type[enum.StrEnum], *, name: str) -> sa.Enum:
    """Make a type that stores the values of an enum rather than the names of its members."""
    return sa.Enum(
        members,
        name=name,
        create_constraint=True,
        values_callable=lambda found: [one.value for one in found],
    )
