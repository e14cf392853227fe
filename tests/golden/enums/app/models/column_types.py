"""Types and defaults of columns that mean the same on every database."""

import enum

import sqlalchemy as sa


def enum_of(members: type[enum.StrEnum], *, name: str) -> sa.Enum:
    """Make a type that stores the values of an enum rather than the names of its members."""
    return sa.Enum(
        members,
        name=name,
        values_callable=lambda found: [one.value for one in found],
    )
