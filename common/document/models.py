"""The document as it is sent: its members, their types and their defaults.

The models hold the *shape* alone: strict types, no unknown members, closed lists of words. What
the members mean together (names, references, pairs) is found out by `common.document.resolve`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

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
type_of_array = Field(strict=False)


class _Part(BaseModel):
    """Strict in types, closed to unknown members, never changed after it was read."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Column(_Part):
    """One column of a table."""

    name: str = Field(description="ASCII identifier, at most 63 bytes.")
    type: ColumnWord
    length: int | None = Field(None, ge=1, description="Characters of a String.")
    precision: int | None = Field(None, ge=1, description="Digits of a Numeric.")
    scale: int | None = Field(None, ge=0, description="Digits of a Numeric behind the point.")
    primary_key: bool = False
    autoincrement: bool = False
    unique: bool = False
    nullable: bool = True
    index: bool = False
    default: Any = Field(None, description="A value of the column's type.")
    values: Annotated[tuple[str, ...], type_of_array] | None = Field(
        None, description="The values of an Enum."
    )
    target: str | None = Field(None, description="`table.column` of a ForeignKey.")
    on_delete: OnDelete = "NO ACTION"
    description: str | None = None

    @property
    def has_default(self) -> bool:
        """Whether a default was sent; null is one."""
        return "default" in self.model_fields_set


class Relationship(_Part):
    """One side of a relationship between two tables."""

    target_table: str
    target_class: str
    type: RelationshipKind
    back_populates: str | None = Field(None, description="The attribute on the other side.")
    foreign_key: str | None = Field(None, description="The column that joins the two tables.")
    secondary: str | None = Field(None, description="The table between, for many_to_many.")
    name: str | None = Field(None, description="The attribute on this side.")
    description: str | None = None


class CompositeKey(_Part):
    """A foreign key of one or more columns, each of which has a type of its own."""

    columns: Annotated[tuple[str, ...], type_of_array] = Field(min_length=1)
    target_table: str
    target_columns: Annotated[tuple[str, ...], type_of_array] = Field(min_length=1)
    on_delete: OnDelete = "NO ACTION"


class TableOptions(_Part):
    """Columns that a table gets without declaring them."""

    use_timestamps: bool = False
    use_soft_delete: bool = False


ColumnList = Annotated[tuple[str, ...], type_of_array, Field(min_length=1)]


class Table(_Part):
    """One table and the class that stands for its rows."""

    table_name: str = Field(description="Lower snake case, at most 63 bytes.")
    class_name: str = Field(description="Pascal case.")
    description: str | None = None
    options: TableOptions = TableOptions()
    columns: Annotated[tuple[Column, ...], type_of_array]
    relationships: Annotated[tuple[Relationship, ...], type_of_array] = ()
    unique: Annotated[tuple[ColumnList, ...], type_of_array] = Field(
        (), description="Columns that are unique together."
    )
    indexes: Annotated[tuple[ColumnList, ...], type_of_array] = Field(
        (), description="Columns that are indexed together."
    )
    foreign_keys: Annotated[tuple[CompositeKey, ...], type_of_array] = ()
    checks: Annotated[tuple[str, ...], type_of_array] = Field(
        (), description="Conditions that every row keeps."
    )


class Example(_Part):
    """What an operation does to given rows."""

    given: dict[str, list[dict[str, Any]]] = Field(default_factory=dict)
    call: dict[str, Any] = Field(default_factory=dict)
    expect: dict[str, Any]
    then: dict[str, list[dict[str, Any]]] | None = None


class Operation(_Part):
    """A rule that goes beyond reading and writing rows."""

    name: str
    table: str | None = None
    method: Method
    description: str
    input: dict[str, str] = Field(default_factory=dict)
    returns: dict[str, str] = Field(default_factory=dict)
    body: str | None = Field(None, description="Code of the caller's own; none asks the LLM.")
    examples: Annotated[tuple[Example, ...], type_of_array] = ()


class DocumentOptions(_Part):
    """What shapes the project that comes out."""

    add_missing_primary_keys: bool = False
    database_api: Literal["async", "sync"] = "async"
    auth: Literal["none", "jwt"] = "none"
    on_unproven: Literal["fail", "stub"] = "fail"


class RunOptions(_Part):
    """How this run goes; never changes a byte of the project."""

    verify: VerifyLevel = "full"
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

    project_name: str = Field(description="ASCII letters, digits, `-` and `_`.")
    db_type: DbType
    description: str | None = None
    tables: Annotated[tuple[Table, ...], type_of_array] = Field(alias="schema")
    operations: Annotated[tuple[Operation, ...], type_of_array] = ()
    options: DocumentOptions = DocumentOptions()
    run: RunOptions = RunOptions()

    @property
    def requires_llm(self) -> bool:
        """Whether an operation has to be written by a model."""
        return self.options.on_unproven != "stub" and any(
            operation.body is None for operation in self.operations
        )
