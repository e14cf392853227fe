"""The parts of tables as the plan has them: columns, enums, keys, constraints and indexes.

See `workers.plan.ir`, which is where everything else finds them, for how they are to be read.
"""

from __future__ import annotations

from dataclasses import dataclass

from common.document.resolved import ColumnOrigin, ColumnType


@dataclass(frozen=True, slots=True)
class EnumMemberPlan:
    """One value of an enum."""

    name: str
    """Name: `IN_REVIEW`."""
    value: str
    """Text: `in review`, which is also what the database stores and the wire carries."""


@dataclass(frozen=True, slots=True)
class EnumPlan:
    """A `StrEnum` in `app/models/enums.py`, shared by all columns that take over its type."""

    class_name: str
    """Name: `PostStatus`; distinct from every class of the document."""
    database_name: str
    """Text: the type's name in PostgreSQL, `post_status`."""
    members: tuple[EnumMemberPlan, ...]
    length: int
    """Characters of the longest value, at least 1."""
    table: str
    """Text: the table that declares it."""
    column: str
    """Text: the column that declares it."""


@dataclass(frozen=True, slots=True)
class ForeignKeyPlan:
    """Columns of one table that refer to columns of another."""

    name: str
    """Text: the constraint's name, at most 63 bytes, unique in the schema."""
    table: str
    """Text."""
    columns: tuple[str, ...]
    """Text."""
    attributes: tuple[str, ...]
    """Names: the attributes of `columns` on their model (the columns' own names on a LinkPlan)."""
    target_table: str
    """Text."""
    target_columns: tuple[str, ...]
    """Text."""
    target_attributes: tuple[str, ...]
    """Names: the attributes of `target_columns` on the target's model."""
    target_class: str
    """Name: the target's model; a foreign key never refers to a made link."""
    on_delete: str | None
    """Text: `CASCADE`, `SET NULL`, `SET DEFAULT`, `RESTRICT`; None leaves it to the database
    (NO ACTION)."""
    nullable: bool
    """Whether any of its columns is, so that a row may refer to nothing."""
    unique: bool
    """Whether at most one row refers to a target."""
    inline: bool
    """Whether it stands in the declaration of its column, which is in no other key."""
    named: bool
    """Whether the declaration has to say the name, because the naming convention would not."""
    cyclic: bool
    """Whether it closes a cycle of tables and is created after them."""
    deferred: bool
    """Whether the database looks at it only when a transaction ends."""

    @property
    def targets(self) -> tuple[str, ...]:
        """Text: `users.id` for each target column."""
        return tuple(f"{self.target_table}.{column}" for column in self.target_columns)

    @property
    def holds(self) -> bool:
        """Whether what it refers to can't be deleted."""
        return self.on_delete in {None, "RESTRICT"}


@dataclass(frozen=True, slots=True)
class UniquePlan:
    """Columns that are unique together."""

    name: str
    """Text."""
    columns: tuple[str, ...]
    """Text."""
    attributes: tuple[str, ...]
    """Names."""
    inline: bool
    """Whether the column's own `unique=True` makes it."""
    indexed: bool
    """Whether it is a unique index rather than a constraint, since an index was asked for, too."""


@dataclass(frozen=True, slots=True)
class IndexPlan:
    """Columns that are indexed together."""

    name: str
    """Text."""
    columns: tuple[str, ...]
    """Text."""
    inline: bool
    """Whether the column's own `index=True` makes it."""


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """A condition that every row of a table meets."""

    name: str
    """Text."""
    expression: str
    """Expression: the condition on `sa.column(...)`s."""
    text: str
    """Text: the condition as it was sent."""


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """One column, as the attribute of a model, the field of schemas and in the database.

    The same attribute name serves the model and the Pydantic schemas; where it differs from the
    column's name (`renamed`), the column and the wire keep the name, the schemas need an alias.
    """

    name: str
    """Text: the column's name in the database and on the wire."""
    attribute: str
    """Name: the attribute of the model and the field of the schemas."""
    type: ColumnType
    """The real type, of the target for a foreign key."""
    python_type: str
    """Expression: `int`, `str`, `dt.datetime`, `Decimal`, `UUID`, `PostStatus`, `Any`; no None."""
    python_imports: tuple[str, ...]
    """Statements: what `python_type` and `default_value` need to be imported."""
    sql_type: str
    """Expression for the model: `sa.String(length=120)`."""
    migration_type: str
    """Expression for the migration, which imports nothing of the app."""
    length: int | None
    precision: int | None
    scale: int | None
    enum: EnumPlan | None
    nullable: bool
    primary_key: bool
    autoincrement: bool
    """Whether the database counts it up."""
    unique: bool
    """Whether it is unique all by itself (also as the only column of the primary key)."""
    unique_inline: bool
    """Whether the declaration says `unique=True`."""
    index_inline: bool
    """Whether the declaration says `index=True`."""
    foreign_key: ForeignKeyPlan | None
    """The single-column foreign key that it is; composite ones are on the model alone."""
    in_foreign_key: bool
    """Whether it is part of any foreign key, composite ones included."""
    has_default: bool
    """Whether a new row gets a value without being told one (of the document's, not null)."""
    default: object
    """The JSON value of the default as it was sent, None where there is none."""
    default_value: str | None
    """Expression: the default as a Python value of `python_type`: `Decimal('1.50')`."""
    python_default: str | None
    """Expression: what `default=` says in the model, `uuid4` for example."""
    on_update: str | None
    """Expression: what `onupdate=` says in the model."""
    server_default: str | None
    """Expression: what `server_default=` says in the model and the migration."""
    generated: bool
    """Whether nobody sends it: autoincrement, and the columns of the mixins."""
    optional_on_create: bool
    """Whether it may be left out when a row is made: nullable, with a default, or generated."""
    description: str | None
    """Text."""
    origin: ColumnOrigin
    from_mixin: bool
    """Whether a mixin declares it, so that the model doesn't."""
    redefines: bool
    """Whether the model declares it with a wider type than its mixin does."""
    whole_seconds: bool
    """Whether the database keeps no fractions of its seconds."""

    @property
    def annotation(self) -> str:
        """Expression: the type of the attribute, with `None` where it can be null."""
        return f"{self.python_type} | None" if self.nullable else self.python_type

    @property
    def is_integer(self) -> bool:
        """Whether it could be counted up."""
        return self.type in {
            ColumnType.INTEGER,
            ColumnType.BIG_INTEGER,
            ColumnType.SMALL_INTEGER,
        }

    @property
    def counts_nothing(self) -> bool:
        """Whether it has to be said that the database does not count it up, as it would."""
        return (
            self.primary_key
            and self.is_integer
            and self.unique
            and not self.autoincrement
            and not self.in_foreign_key
        )

    @property
    def says_nullable(self) -> bool:
        """Whether the annotation does not say it: `Any` holds None by itself."""
        return self.type is ColumnType.JSON

    @property
    def renamed(self) -> bool:
        """Whether the attribute is not called like the column."""
        return self.attribute != self.name
