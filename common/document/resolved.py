"""What a document means, once every reference is followed and every silence is filled.

A `ResolvedDocument` is only ever made from a document without faults. It still speaks the words
of the document (tables, columns, relationships, in the order in which they were written); which
Python names, imports and SQL types come of them is decided later, by the plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

DbType = Literal["postgresql", "mysql", "sqlite", "mssql"]
OnDelete = Literal["NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"]
RelationshipKind = Literal["one_to_many", "many_to_one", "one_to_one", "many_to_many"]

DEFERRING: Final[frozenset[DbType]] = frozenset({"postgresql", "sqlite"})
"""The databases in which a foreign key can wait for the end of a transaction."""


class ColumnType(StrEnum):
    """The types of columns once foreign keys have taken over the type of their target."""

    INTEGER = "Integer"
    BIG_INTEGER = "BigInteger"
    SMALL_INTEGER = "SmallInteger"
    STRING = "String"
    TEXT = "Text"
    BOOLEAN = "Boolean"
    DATETIME = "DateTime"
    DATE = "Date"
    TIME = "Time"
    INTERVAL = "Interval"
    NUMERIC = "Numeric"
    FLOAT = "Float"
    ENUM = "Enum"
    JSON = "JSON"
    UUID = "UUID"
    LARGE_BINARY = "LargeBinary"


class ColumnOrigin(StrEnum):
    """Who asked for a column."""

    DECLARED = "declared"
    TIMESTAMPS = "timestamps"
    """`created_at` and `updated_at`: DateTime, not null, set by the database and the model."""
    SOFT_DELETE = "soft_delete"
    """`is_deleted` (Boolean, not null, false) and `deleted_at` (DateTime, nullable)."""
    ADDED_PRIMARY_KEY = "added_primary_key"
    """By `options.add_missing_primary_keys`: an autoincrementing BigInteger."""


@dataclass(frozen=True, slots=True)
class ResolvedColumn:
    """A column with its real type; `values` are an Enum's, `enum_of` where they were declared."""

    name: str
    type: ColumnType
    length: int | None
    precision: int | None
    scale: int | None
    values: tuple[str, ...]
    enum_of: tuple[str, str] | None
    """(table, column) that declares the values; another column for a foreign key to an Enum."""
    primary_key: bool
    autoincrement: bool
    unique: bool
    nullable: bool
    index: bool
    has_default: bool
    default: object
    """The JSON value as it was sent, but for fractions of seconds that the database does not keep;
    means something only if `has_default` (null is a default)."""
    description: str | None
    origin: ColumnOrigin
    pointer: str
    """Where it was declared; for a mixin's column, the table's `options` member."""


@dataclass(frozen=True, slots=True)
class ResolvedForeignKey:
    """Columns of one table that refer to columns of another, single and composite alike."""

    table: str
    columns: tuple[str, ...]
    target_table: str
    target_columns: tuple[str, ...]
    on_delete: OnDelete
    pointer: str


@dataclass(frozen=True, slots=True)
class ResolvedLink:
    """The table between the two sides of a many-to-many, as seen from one side."""

    table: str
    made: bool
    """Whether nobody declared the table, so that it consists of the two foreign keys alone."""
    local: ResolvedForeignKey
    """From the link table to this side."""
    remote: ResolvedForeignKey
    """From the link table to the other side."""


@dataclass(frozen=True, slots=True)
class ResolvedRelationship:
    """One side of a relationship. Every relationship has both: a missing one was added."""

    name: str
    """The attribute's name; a legal one, distinct from the table's columns."""
    kind: RelationshipKind
    target_table: str
    foreign_key: ResolvedForeignKey | None
    """What joins the two tables; None for many-to-many."""
    owns_key: bool
    """Whether `foreign_key` lies on this side's table; tells a self reference's sides apart."""
    link: ResolvedLink | None
    """Only for many-to-many."""
    back_populates: str
    """The attribute's name on the other side."""
    declared: bool
    description: str | None
    pointer: str


@dataclass(frozen=True, slots=True)
class ResolvedUnique:
    """Columns that are unique together (or one whose column does not say so itself)."""

    columns: tuple[str, ...]
    pointer: str


@dataclass(frozen=True, slots=True)
class ResolvedIndex:
    """Columns that are indexed together, in this order."""

    columns: tuple[str, ...]
    pointer: str


@dataclass(frozen=True, slots=True)
class ResolvedCheck:
    """A condition on a row in the small grammar of `common.document.conditions`, as it was sent."""

    text: str
    pointer: str


@dataclass(frozen=True, slots=True)
class ResolvedTable:
    """A table with all its columns: declared ones first, then those that options added."""

    name: str
    class_name: str
    description: str | None
    use_timestamps: bool
    use_soft_delete: bool
    columns: tuple[ResolvedColumn, ...]
    foreign_keys: tuple[ResolvedForeignKey, ...]
    relationships: tuple[ResolvedRelationship, ...]
    uniques: tuple[ResolvedUnique, ...]
    indexes: tuple[ResolvedIndex, ...]
    checks: tuple[ResolvedCheck, ...]
    pointer: str

    @property
    def primary_key(self) -> tuple[ResolvedColumn, ...]:
        """The columns of the primary key, in the order of the table."""
        return tuple(column for column in self.columns if column.primary_key)

    @property
    def fixed_keys(self) -> tuple[ResolvedForeignKey, ...]:
        """The foreign keys that every row has to fill."""
        nullable = {column.name for column in self.columns if column.nullable}
        return tuple(key for key in self.foreign_keys if nullable.isdisjoint(key.columns))

    def column(self, name: str) -> ResolvedColumn:
        """The column called `name`; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class ResolvedMadeLink:
    """A link table that nobody declared; its columns are its primary key, both keys cascade."""

    name: str
    columns: tuple[ResolvedColumn, ...]
    foreign_keys: tuple[ResolvedForeignKey, ...]


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """What shapes the project, with its defaults filled in."""

    add_missing_primary_keys: bool
    database_api: Literal["async", "sync"]
    auth: Literal["none", "jwt"]
    on_unproven: Literal["fail", "stub"]


@dataclass(frozen=True, slots=True)
class ValueType:
    """The type of one value that an operation takes or returns."""

    type: ColumnType
    nullable: bool
    """Whether it may be null, and left out where it is taken."""
    many: bool
    """Whether it is a list of such values."""


@dataclass(frozen=True, slots=True)
class ResolvedRow:
    """A row of an example: JSON values by column, in the order in which they were written."""

    table: str
    values: tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class ResolvedExample:
    """What an operation does to given rows."""

    given: tuple[ResolvedRow, ...]
    call: tuple[tuple[str, object], ...]
    """JSON values by name of the input."""
    status: int | None
    """The status that it is to answer with; None where it returns values."""
    returns: tuple[tuple[str, object], ...]
    """JSON values by name, of those that are told."""
    then: tuple[tuple[str, tuple[ResolvedRow, ...]], ...]
    """By table: its rows afterwards, all of the same columns."""
    held_back: bool
    """Whether no model is shown it."""


@dataclass(frozen=True, slots=True)
class ResolvedOperation:
    """A rule beyond reading and writing rows."""

    name: str
    method: str
    description: str
    inputs: tuple[tuple[str, ValueType], ...]
    returns: tuple[tuple[str, ValueType], ...]
    """Empty where it returns nothing."""
    body: str | None
    """Code of the caller's own, which the gate has let through; None where a model writes it."""
    examples: tuple[ResolvedExample, ...]
    pointer: str


@dataclass(frozen=True, slots=True)
class ResolvedDocument:
    """A whole document: what is to be built, with nothing left to look up."""

    project_name: str
    db_type: DbType
    description: str | None
    options: OutputOptions
    tables: tuple[ResolvedTable, ...]
    """In the order of the document."""
    made_links: tuple[ResolvedMadeLink, ...]
    build_order: tuple[str, ...]
    """Names of all tables, made links included; every table after those that it refers to, except
    along `cyclic_keys`."""
    cyclic_keys: tuple[ResolvedForeignKey, ...]
    """Foreign keys to be created after the tables, since they close a cycle (self references of
    one table are not among them)."""
    operations: tuple[ResolvedOperation, ...] = ()
    """In the order of the document."""

    def table(self, name: str) -> ResolvedTable:
        """The table called `name`; KeyError where there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)
