"""A database as reflection found it: checked for its form, since it comes out of the sandbox."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Found(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class FoundColumn(_Found):
    """One column; `type` is SQLAlchemy's name of the SQL type, such as `VARCHAR`."""

    name: str
    type: str
    zoned: bool
    """Whether a time has an offset."""
    counts_up: bool | None
    """Whether the database fills it with the next number; None where that can't be told."""
    length: int | None
    precision: int | None
    scale: int | None
    values: list[str]
    nullable: bool
    default: str | None
    """The SQL expression."""


class FoundKey(_Found):
    """One foreign key."""

    columns: list[str]
    target_table: str
    target_columns: list[str]
    on_delete: str
    deferred: bool
    """Whether it is checked at the end of a transaction."""


class FoundTable(_Found):
    """One table."""

    columns: list[FoundColumn]
    primary_key: list[str]
    foreign_keys: list[FoundKey]
    uniques: list[list[str]]
    """Constraints and unique indexes alike."""
    indexes: list[list[str]]
    """Unique ones included."""
    checks: list[str]
    """SQL conditions."""


class FoundDatabase(_Found):
    """All tables but Alembic's own."""

    engine: str
    tables: dict[str, FoundTable] = Field(max_length=1000)
