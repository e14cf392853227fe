"""The fields of a model's schemas: what is taken in, what is shown, what lists are filtered by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from common.document.resolved import ColumnType
from workers.literals import literal
from workers.plan.ir import ColumnPlan, DatabasePlan
from workers.plan.wire_types import (
    ALIASES,
    QUERY_WORDS,
    RANGED,
    TEXTS,
    UNORDERED,
    type_in_path,
    type_on_wire,
)

MAX_TEXT_LENGTH: Final = 1_000_000
MAX_BINARY_LENGTH: Final = 1_000_000
MAX_KEY_LENGTH: Final = 1_000
"""Of a key whose column says nothing of it: servers and proxies take no paths of any length."""
MYSQL_TEXT_BYTES: Final = 65_535
MYSQL_NUMERIC: Final = (10, 0)
OPEN_NUMERIC: Final = (28, 10)
_SAME_BOTH_WAYS: Final = frozenset({ColumnType.DATETIME, ColumnType.LARGE_BINARY, ColumnType.TIME})
_SHOWN_AS: Final = {ColumnType.INTERVAL: "Duration", ColumnType.NUMERIC: "PlainDecimal"}


@dataclass(frozen=True, slots=True)
class SchemaField:
    """One line of a schema's class: `attribute: annotation = assignment`."""

    attribute: str
    """Name."""
    annotation: str
    """Expression."""
    assignment: str | None
    """Expression; None where the field is required and there is nothing else to say."""


def create_field(column: ColumnPlan, database: DatabasePlan) -> SchemaField:
    """The field of a column in the schema of a new row."""
    arguments = _bounds(column, database) + _words(column, "alias")
    annotation = _taken_in(column, database)
    if column.nullable:
        annotation = f"{annotation} | None"
    default: str | None = None
    if column.has_default and column.type is ColumnType.LARGE_BINARY and column.default_value:
        # Pydantic would describe the bytes as text, which they need not be
        default = f"default_factory=lambda: {column.default_value}"
        arguments.append(f"json_schema_extra={{'default': {literal(column.default)}}}")
    elif column.has_default and column.default_value is not None:
        default = f"default={column.default_value}"
    elif column.python_default and column.optional_on_create and not column.nullable:
        default = f"default_factory={column.python_default}"
    elif column.optional_on_create:
        default = "default=None"
    if default is None:
        return SchemaField(column.attribute, annotation, _field(arguments) if arguments else None)
    if not arguments and default.startswith("default="):
        plain = column.type is not ColumnType.JSON or column.default_value is None
        if plain:
            return SchemaField(column.attribute, annotation, default.removeprefix("default="))
    return SchemaField(column.attribute, annotation, _field([default, *arguments]))


def update_field(column: ColumnPlan, database: DatabasePlan) -> SchemaField:
    """The field of a column in the schema of changes."""
    arguments = _bounds(column, database) + _words(column, "alias")
    annotation = _taken_in(column, database)
    if column.nullable:
        annotation = f"{annotation} | None"
    absent = _field(["default=ABSENT", *arguments]) if arguments else "ABSENT"
    return SchemaField(column.attribute, annotation, absent)


def read_field(column: ColumnPlan) -> SchemaField:
    """The field of a column in the schema of what is shown."""
    annotation = ALIASES[column.type] if column.type in _SAME_BOTH_WAYS else column.python_type
    annotation = _SHOWN_AS.get(column.type, annotation)
    if column.nullable and column.type is not ColumnType.JSON:
        annotation = f"{annotation} | None"
    arguments = _words(column, "serialization_alias")
    return SchemaField(column.attribute, annotation, _field(arguments) if arguments else None)


def query_fields(column: ColumnPlan, taken: set[str]) -> Iterable[SchemaField]:
    """The parameters that a list is filtered by for one column; `taken` are names of columns."""
    plain = "Moment" if column.type is ColumnType.DATETIME else type_on_wire(column)
    if column.type not in UNORDERED:
        operator = "__eq" if {column.name, column.attribute} & QUERY_WORDS else ""
        if not operator or f"{column.name}{operator}" not in taken:
            yield _condition(column, operator, f"{plain} | None")
    wanted: list[tuple[str, str, str]] = []
    if column.type in RANGED and not column.in_foreign_key and not column.primary_key:
        wanted += [("__gte", plain, "AT_LEAST"), ("__lte", plain, "AT_MOST")]
    if column.type in TEXTS and not column.in_foreign_key:
        wanted.append(("__contains", "Fragment", "CONTAINS"))
    if column.nullable:
        wanted.append(("__isnull", "bool", "IS_NULL"))
    for operator, annotation, words in wanted:
        if not {f"{column.name}{operator}", f"{column.attribute}{operator}"} & taken:
            yield _condition(column, operator, f"Annotated[{annotation} | None, {words}]")


def _condition(column: ColumnPlan, operator: str, annotation: str) -> SchemaField:
    assignment = "None"
    if column.renamed:
        assignment = _field(["default=None", f"alias={column.name + operator!r}"])
    return SchemaField(f"{column.attribute}{operator}", annotation, assignment)


def _taken_in(column: ColumnPlan, database: DatabasePlan) -> str:
    kind = type_in_path(column) if column.primary_key else type_on_wire(column)
    if column.type is ColumnType.LARGE_BINARY:
        usual = MYSQL_TEXT_BYTES if database.db_type == "mysql" else MAX_BINARY_LENGTH
        most = column.length or (MAX_KEY_LENGTH if column.primary_key else usual)
        return f"Annotated[{kind}, at_most_bytes({most:_})]"
    return kind


def _bounds(column: ColumnPlan, database: DatabasePlan) -> list[str]:
    if column.enum:
        return ["strict=False"]
    if column.type in TEXTS:
        usual = MYSQL_TEXT_BYTES // 4 if database.db_type == "mysql" else MAX_TEXT_LENGTH
        most = column.length or (MAX_KEY_LENGTH if column.primary_key else usual)
        return [f"max_length={most:_}"]
    if column.type is ColumnType.NUMERIC:
        precision, scale = column.precision, column.scale or 0
        if precision is None:
            precision, scale = MYSQL_NUMERIC if database.db_type == "mysql" else OPEN_NUMERIC
        return [f"max_digits={precision}", f"decimal_places={scale}"]
    return []


def _words(column: ColumnPlan, alias: str) -> list[str]:
    words = [f"{alias}={column.name!r}"] if column.renamed else []
    return words + ([f"description={column.description!r}"] if column.description else [])


def _field(arguments: list[str]) -> str:
    return f"Field({', '.join(arguments)})"
