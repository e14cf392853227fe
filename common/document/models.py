"""The document as it is sent: its members, their types and their defaults.

The models hold the *shape* alone: strict types, no unknown members, closed lists of words. What
the members mean together (names, references, pairs) is found out by `common.document.resolve`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from common.document.names import (
    CLASS_NAME,
    COLUMN_NAME,
    MAX_CLASS_NAME,
    MAX_NAME_BYTES,
    MAX_PROJECT_NAME,
    PROJECT_NAME,
    TABLE_NAME,
)
from common.document.resolved import DbType, OnDelete, RelationshipKind

ColumnWord = Literal[
    "Integer",
    "BigInteger",
    "SmallInteger",
    "String",
    "Text",
    "Boolean",
    "DateTime",
    "Date",
    "Time",
    "Interval",
    "Numeric",
    "Float",
    "Enum",
    "JSON",
    "UUID",
    "LargeBinary",
    "ForeignKey",
]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
VerifyLevel = Literal["full", "fast", "none", "fuzz"]

# JSON has arrays and no tuples; in strict mode only a list would do for a list. `strict=False`
# holds for the array itself, its items stay strict.
ARRAY = Field(strict=False)


def _whole(name: re.Pattern[str]) -> str:
    """The pattern for JSON Schema, where it need not match from end to end. Not checked here."""
    return f"^{name.pattern}$"


class _Part(BaseModel):
    """Strict in types, closed to unknown members, never changed after it was read."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Column(_Part):
    """One column of a table."""

    name: str = Field(
        description="ASCII identifier, at most 63 bytes; may be a keyword.",
        json_schema_extra={"pattern": _whole(COLUMN_NAME), "maxLength": MAX_NAME_BYTES},
    )
    type: ColumnWord
    length: int | None = Field(None, ge=1, description="Characters of a String.")
    precision: int | None = Field(None, ge=1, description="Digits of a Numeric.")
    scale: int | None = Field(None, ge=0, description="Digits of a Numeric behind the point.")
    primary_key: bool = Field(default=False, description="Several make a composite key.")
    autoincrement: bool = Field(
        default=False, description="The database counts up; for an integer of the primary key."
    )
    unique: bool = False
    nullable: bool = Field(default=True, description="Never so for a primary key.")
    index: bool = False
    default: Any = Field(None, description="A value of the column's type.")
    values: Annotated[tuple[str, ...], ARRAY] | None = Field(
        None, description="The values of an Enum."
    )
    target: str | None = Field(None, description="`table.column` of a ForeignKey.")
    on_delete: OnDelete = Field("NO ACTION", description="Of a ForeignKey.")
    description: str | None = None

    @property
    def has_default(self) -> bool:
        """Whether a default was sent; null is one."""
        return "default" in self.model_fields_set


class Relationship(_Part):
    """One side of a relationship between two tables."""

    target_table: str = Field(description="The table on the other side.")
    target_class: str = Field(description="The class of that table.")
    type: RelationshipKind = Field(description="As seen from this table.")
    back_populates: str | None = Field(None, description="The attribute on the other side.")
    foreign_key: str | None = Field(None, description="The column that joins the two tables.")
    secondary: str | None = Field(None, description="The table between, for many_to_many.")
    name: str | None = Field(None, description="The attribute on this side.")
    description: str | None = None


class CompositeKey(_Part):
    """A foreign key of one or more columns, each of which has a type of its own."""

    columns: Annotated[tuple[str, ...], ARRAY] = Field(min_length=1, description="Of this table.")
    target_table: str
    target_columns: Annotated[tuple[str, ...], ARRAY] = Field(
        min_length=1, description="The primary key or unique columns, in the order of `columns`."
    )
    on_delete: OnDelete = "NO ACTION"


class TableOptions(_Part):
    """Columns that a table gets without declaring them."""

    use_timestamps: bool = Field(default=False, description="Adds `created_at` and `updated_at`.")
    use_soft_delete: bool = Field(default=False, description="Adds `is_deleted` and `deleted_at`.")


ColumnList = Annotated[tuple[str, ...], ARRAY, Field(min_length=1)]


class Table(_Part):
    """One table and the class that stands for its rows."""

    table_name: str = Field(
        description="Lower snake case, at most 63 bytes.",
        json_schema_extra={"pattern": _whole(TABLE_NAME), "maxLength": MAX_NAME_BYTES},
    )
    class_name: str = Field(
        description="Pascal case, unique, no keyword.",
        json_schema_extra={"pattern": _whole(CLASS_NAME), "maxLength": MAX_CLASS_NAME},
    )
    description: str | None = None
    options: TableOptions = TableOptions()
    columns: Annotated[tuple[Column, ...], ARRAY]
    relationships: Annotated[tuple[Relationship, ...], ARRAY] = Field(
        (), description="Sides of relationships; a missing other side is added."
    )
    unique: Annotated[tuple[ColumnList, ...], ARRAY] = Field(
        (), description="Columns that are unique together."
    )
    indexes: Annotated[tuple[ColumnList, ...], ARRAY] = Field(
        (), description="Columns that are indexed together."
    )
    foreign_keys: Annotated[tuple[CompositeKey, ...], ARRAY] = Field(
        (), description="Keys of several columns."
    )
    checks: Annotated[tuple[str, ...], ARRAY] = Field(
        (), description="Conditions that every row keeps."
    )


class Example(_Part):
    """What an operation does to given rows."""

    given: dict[str, list[dict[str, Any]]] = Field(
        default_factory=dict, description="Rows by table."
    )
    call: dict[str, Any] = Field(default_factory=dict, description="The input.")
    expect: dict[str, Any] = Field(description="Either `returns` or `status`.")
    then: dict[str, list[dict[str, Any]]] | None = Field(None, description="Rows by table.")


class Operation(_Part):
    """A rule that goes beyond reading and writing rows."""

    name: str
    table: str | None = None
    method: Method
    description: str
    input: dict[str, str] = Field(default_factory=dict)
    returns: dict[str, str] = Field(default_factory=dict)
    body: str | None = Field(None, description="Code of the caller's own; none asks the LLM.")
    examples: Annotated[tuple[Example, ...], ARRAY] = ()


class DocumentOptions(_Part):
    """What shapes the project that comes out."""

    add_missing_primary_keys: bool = Field(
        default=False, description="Gives tables without a key an `id`."
    )
    database_api: Literal["async", "sync"] = "async"
    auth: Literal["none", "jwt"] = "none"
    on_unproven: Literal["fail", "stub"] = Field(
        "fail", description="What becomes of an operation that could not be proven."
    )


class RunOptions(_Part):
    """How this run goes; never changes a byte of the project."""

    verify: VerifyLevel = Field("full", description="How much is checked.")
    require_engine: bool | DbType | None = Field(
        None, description="Fail where this database can't be tried; true means `db_type`."
    )
    timeout_seconds: int | None = Field(None, ge=1, le=86_400)
    start_within_seconds: int | None = Field(None, ge=1, le=2_592_000)
    max_cost_usd: float | None = Field(None, ge=0)

    def required_engine(self, db_type: DbType) -> DbType | None:
        """The database that the checks must have run on, or None if any will do."""
        if isinstance(self.require_engine, bool):
            return db_type if self.require_engine else None
        return self.require_engine


class ProjectDocument(_Part):
    """A whole project document."""

    model_config = ConfigDict(title="ProjectDocument")

    project_name: str = Field(
        description="ASCII letters, digits, `-` and `_`.",
        json_schema_extra={"pattern": _whole(PROJECT_NAME), "maxLength": MAX_PROJECT_NAME},
    )
    db_type: DbType
    description: str | None = None
    tables: Annotated[tuple[Table, ...], ARRAY] = Field(alias="schema")
    operations: Annotated[tuple[Operation, ...], ARRAY] = ()
    options: DocumentOptions = DocumentOptions()
    run: RunOptions = RunOptions()

    @property
    def requires_llm(self) -> bool:
        """Whether an operation has to be written by a model."""
        return self.options.on_unproven != "stub" and any(
            operation.body is None for operation in self.operations
        )
