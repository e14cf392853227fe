"""A database as it was found, live or in DDL, in few words and before anything is judged.

What a reader finds and these words can't hold becomes a note there and then, so that nothing is
lost in silence.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from common.document.resolved import DbType


@dataclass(frozen=True, slots=True)
class Note:
    """What could not be expressed or was changed, at one place of the database or the document."""

    place: str
    """`orders.total`; empty for the whole."""
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}" if self.place else self.text


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type of SQL: one upper-case name without blanks, its sizes, its values."""

    name: str
    """`VARCHAR`, `DOUBLEPRECISION`, `TIMESTAMPTZ`; empty where none was given."""
    sizes: tuple[int, ...] = ()
    values: tuple[str, ...] = ()
    """Of ENUM and SET."""
    unsigned: bool = False
    written: str = ""
    """As people write it, for notes."""


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """One column."""

    name: str
    type: SqlType
    nullable: bool = True
    default: str | None = None
    """An expression in the database's SQL."""
    counts: bool = False
    """Whether the database counts it up."""
    comment: str | None = None
    renewed: bool = False
    """Whether each change of the row sets it to the present (MySQL's ON UPDATE)."""


@dataclass(frozen=True, slots=True)
class SourceKey:
    """A foreign key."""

    columns: tuple[str, ...]
    target_table: str
    target_columns: tuple[str, ...]
    """Empty for the target's primary key."""
    on_delete: str = "NO ACTION"
    target_schema: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class SourceIndex:
    """An index or a unique constraint over plain columns."""

    name: str | None
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """A condition in the database's SQL."""

    name: str | None
    condition: str


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One table."""

    name: str
    schema: str | None = None
    comment: str | None = None
    columns: tuple[SourceColumn, ...] = ()
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[SourceKey, ...] = ()
    indexes: tuple[SourceIndex, ...] = ()
    """Unique constraints, too."""
    checks: tuple[SourceCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A whole database."""

    db_type: DbType
    name: str
    """Of the database or the file; the project may be called so."""
    tables: tuple[SourceTable, ...]
    notes: tuple[Note, ...] = field(default=())
    migrated: bool = False
    """Whether SQLAlchemy's migrations made it, which keep UUIDs in CHAR(32)."""
