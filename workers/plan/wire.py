"""How a model looks from outside: the fields of its schemas and the parameters of its routes.

Templates only lay these out. Names of types (`Integer`, `Text`, …) are those of the project's own
`app/core/fields.py`, which knows what the database can hold.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

from common.document.resolved import ColumnType
from workers.plan.ir import (
    ColumnPlan,
    DatabasePlan,
    ModelPlan,
    Plan,
    RelationshipLinkPlan,
    RelationshipPlan,
)

QUERY_WORDS: Final = frozenset({"limit", "offset", "sort", "include_deleted"})
"""Parameters that every list has; a column called so is filtered by `limit__eq`."""

MAX_TEXT_LENGTH: Final = 1_000_000
MAX_BINARY_LENGTH: Final = 1_000_000
MYSQL_TEXT_BYTES: Final = 65_535
MYSQL_NUMERIC: Final = (10, 0)
OPEN_NUMERIC: Final = (28, 10)

_ALIASES: Final = {
    ColumnType.INTEGER: "Integer",
    ColumnType.BIG_INTEGER: "BigInteger",
    ColumnType.SMALL_INTEGER: "SmallInteger",
    ColumnType.STRING: "Text",
    ColumnType.TEXT: "Text",
    ColumnType.BOOLEAN: "bool",
    ColumnType.DATETIME: "DateTime",
    ColumnType.DATE: "Date",
    ColumnType.TIME: "Time",
    ColumnType.INTERVAL: "Interval",
    ColumnType.NUMERIC: "Numeric",
    ColumnType.FLOAT: "Float",
    ColumnType.JSON: "Json",
    ColumnType.UUID: "Uuid",
    ColumnType.LARGE_BINARY: "Binary",
}
_UNORDERED: Final = frozenset({ColumnType.JSON, ColumnType.LARGE_BINARY})
_RANGED: Final = frozenset(
    {
        ColumnType.INTEGER,
        ColumnType.BIG_INTEGER,
        ColumnType.SMALL_INTEGER,
        ColumnType.NUMERIC,
        ColumnType.FLOAT,
        ColumnType.DATETIME,
        ColumnType.DATE,
        ColumnType.TIME,
        ColumnType.INTERVAL,
    }
)
_TEXTS: Final = frozenset({ColumnType.STRING, ColumnType.TEXT})
_SAME_BOTH_WAYS: Final = frozenset({ColumnType.DATETIME, ColumnType.LARGE_BINARY})


@dataclass(frozen=True, slots=True)
class SchemaField:
    """One line of a schema's class: `attribute: annotation = assignment`."""

    attribute: str
    """Name."""
    annotation: str
    """Expression."""
    assignment: str | None
    """Expression; None where the field is required and there is nothing else to say."""


@dataclass(frozen=True, slots=True)
class KeyParameter:
    """One column of a primary key as a part of the path."""

    name: str
    """Name: the parameter of the route's function, and of the path."""
    annotation: str
    """Expression."""
    attribute: str
    """Name: the model's attribute."""
    column: ColumnPlan

    @property
    def convertor(self) -> str:
        """Text: how the path takes values with a slash, which only an enum may have."""
        enum = self.column.enum
        return ":path" if enum and any("/" in member.value for member in enum.members) else ""


@dataclass(frozen=True, slots=True)
class LinkRoutes:
    """A many-to-many relationship as a sub-resource of one of its sides."""

    attribute: str
    """Name: of the relationship."""
    words: str
    """Text: the relationship in words."""
    path: str
    """Text: `/{post_id}/tags`."""
    item_path: str
    """Text: `/{post_id}/tags/{tag_id}`."""
    suffix: str
    """Text: `/tags`."""
    parameters: str
    """Expression: the parameters for the key of the other side."""
    key_expression: str
    """Expression: that key as the session wants it."""
    key: tuple[KeyParameter, ...]
    variable: str
    """Name: of the row on the other side."""
    target: ModelPlan
    target_query: str
    """Name: the schema of the parameters of the other side's list."""
    target_symbol: str
    """Name: of the other side's model in the module of routes."""
    link: RelationshipLinkPlan
    link_symbol: str
    """Name: of the table between the two, or of its model, in the module of routes."""
    writable: bool
    """Whether links can be made and cut here; else the link has its own routes."""

    def condition(self, row: str, other: str) -> str:
        """Expression: what makes a link join `row` and `other`, as arguments of `where`."""
        return ", ".join(
            f"{self._column(mine)} == {owner}.{theirs}"
            for side, owner in ((self.link.local, row), (self.link.remote, other))
            for mine, theirs in zip(side.attributes, side.target_attributes, strict=True)
        )

    def values(self, row: str, other: str) -> str:
        """Expression: the columns of a new link, as arguments of `values`."""
        return ", ".join(
            f"{mine}={owner}.{theirs}"
            for side, owner in ((self.link.local, row), (self.link.remote, other))
            for mine, theirs in zip(side.attributes, side.target_attributes, strict=True)
        )

    def _column(self, name: str) -> str:
        return f"{self.link_symbol}.c.{name}" if self.link.made else f"{self.link_symbol}.{name}"


@dataclass(frozen=True, slots=True)
class Resource:
    """All that the schemas and the routes of one model are made of."""

    model: ModelPlan
    symbol: str
    """Name: what the model's class is called within the module of its routes."""
    variable: str
    """Name: what a row is called there."""
    words: str
    """Text: the table in words, `blog posts`."""
    create: tuple[SchemaField, ...]
    update: tuple[SchemaField, ...]
    read: tuple[SchemaField, ...]
    query: tuple[SchemaField, ...]
    sortable: tuple[str, ...]
    """Text: columns that have an order."""
    key: tuple[KeyParameter, ...]
    links: tuple[LinkRoutes, ...]

    @property
    def nullable_defaults(self) -> bool:
        """Whether null and nothing mean different things when a row is made."""
        return has_nullable_defaults(self.model)

    @property
    def query_class(self) -> str:
        """Name: the schema of the list's parameters."""
        return _query_class(self.model)

    @property
    def query_base(self) -> str:
        """Name: what that is derived from."""
        return "SoftDeleteQuery" if self.model.soft_delete else "ListQuery"

    @property
    def key_path(self) -> str:
        """Text: `/{post_id}`, `/{order_id}/{line_number}`."""
        return _key_path(self.key)

    @property
    def key_expression(self) -> str:
        """Expression: the key as the session wants it, `post_id` or `(order_id, line_number)`."""
        return _key_expression(self.key)

    @property
    def parameters(self) -> str:
        """Expression: `post_id: Integer`, to be put into a function's parameters."""
        return _parameters(self.key)

    @property
    def schema_imports(self) -> tuple[str, ...]:
        """Statements at the top of the schemas' module."""
        names = _identifiers(
            part
            for field in (*self.create, *self.update, *self.read, *self.query)
            for part in (field.annotation, field.assignment or "")
        )
        statements = [
            "from pydantic import BaseModel" + (", Field" if "Field" in names else ""),
            _from("app.core.fields", {"INPUT", "OUTPUT"} | names & FIELD_NAMES | self._changes),
            _from("app.core.filters", {self.query_base, "sorting"} | names & FILTER_NAMES),
        ]
        if "Annotated" in names:
            statements.append("from typing import Annotated")
        for column in self.model.columns:
            python_imports = [
                statement
                for statement in column.python_imports
                if re.findall(r"\w+", statement)[-1] in names
            ]
            statements += python_imports
            if column.python_default == "uuid4" and "uuid4" in names:
                statements.append("from uuid import uuid4")
        return tuple(sorted(set(statements)))

    @property
    def _changes(self) -> set[str]:
        return {"ABSENT", "CHANGES"} if self.update else set()

    @property
    def route_imports(self) -> tuple[str, ...]:
        """Statements at the top of the routes' module."""
        model = self.model
        types = _identifiers(parameter.annotation for parameter in self.key).union(
            *(_identifiers(part.annotation for part in link.key) for link in self.links)
        )
        statements = {
            "from typing import Annotated",
            "from fastapi import APIRouter, Query, Response",
            _from(
                "app.core.errors", {"refuses"} | ({"not_found"} if self._writes_links else set())
            ),
            "from app.core.filters import select_rows",
            "from app.core.pagination import Page, paginate",
            _from(
                "app.core.rows",
                {"find", "location", "save"}
                | ({"spelled_out"} if self.nullable_defaults else set()),
            ),
            "from app.core.database import SessionDep",
            _schemas(model, {"Create", "Read"} | ({"Update"} if self.update else set())),
            _import_as("app.models", model.class_name, self.symbol),
        }
        if types & FIELD_NAMES:
            statements.add(_from("app.core.fields", types & FIELD_NAMES))
        if model.soft_delete:
            statements.add("from app.core.clock import utc_now")
        statements |= {
            statement
            for parameters in (self.key, *(link.key for link in self.links))
            for parameter in parameters
            for statement in parameter.column.python_imports
            if parameter.column.enum
        }
        for link in self.links:
            if link.target.table_name != model.table_name:
                statements.add(_import_as("app.models", link.target.class_name, link.target_symbol))
                statements.add(_schemas(link.target, {"Read"}))
            statements.add(_import_as("app.models", link.link.symbol, link.link_symbol))
        if self.links:
            words = {"and_", "delete", "insert", "select"} if self._writes_links else {"select"}
            statements.add(_from("sqlalchemy", words))
        return tuple(sorted(statements))

    @property
    def _writes_links(self) -> bool:
        return any(link.writable for link in self.links)


ROUTE_MODULE_NAMES: Final = frozenset(
    {
        "APIRouter",
        "Annotated",
        "Any",
        "Decimal",
        "HTTPStatus",
        "ListQuery",
        "Page",
        "Query",
        "Response",
        "Session",
        "SessionDep",
        "SoftDeleteQuery",
        "UUID",
        *_ALIASES.values(),
        "Key",
    }
)
"""What stands at the top of a module of routes; a model called so is imported as another name."""


FIELD_NAMES: Final = frozenset({*_ALIASES.values(), "Key", "at_most_bytes"} - {"bool"})
"""What `app/core/fields.py` defines for schemas."""
FILTER_NAMES: Final = frozenset({"AT_LEAST", "AT_MOST", "CONTAINS", "IS_NULL", "Fragment"})
"""What `app/core/filters.py` defines for schemas."""

ROUTE_VARIABLES: Final = frozenset(
    {
        *("body", "include_deleted", "linked", "name", "other", "query", "response", "rows"),
        *("router", "session", "statement", "value"),
        *("and_", "delete", "find", "insert", "location", "not_found", "paginate", "refuses"),
        *("save", "select", "select_rows", "spelled_out", "utc_now"),
    }
)
"""Names that the functions of routes use; a row called so gets another name."""


def has_nullable_defaults(model: ModelPlan) -> bool:
    """Whether a column that may be null has a default."""
    return any(
        column.nullable and column.python_default is not None and not column.generated
        for column in model.columns
    )


def make_resources(plan: Plan) -> dict[str, Resource]:
    """The resource of each table, by the table's name."""
    return {model.table_name: _resource(model, plan) for model in plan.models}


def _resource(model: ModelPlan, plan: Plan) -> Resource:
    database = plan.database
    columns = [column for column in model.columns if not column.generated]
    taken = {name for column in model.columns for name in (column.attribute, column.name)}
    key = tuple(_key_parameter(model, column) for column in model.primary_key)
    return Resource(
        model=model,
        symbol=_symbol(model.class_name, plan),
        variable=_variable(model),
        words=model.table_name.replace("_", " ").strip(),
        create=tuple(_create_field(column, database) for column in columns),
        update=tuple(
            _update_field(column, database) for column in columns if not column.primary_key
        ),
        read=tuple(_read_field(column) for column in model.columns),
        query=tuple(field for column in model.columns for field in _query_fields(column, taken)),
        sortable=tuple(column.name for column in model.columns if column.type not in _UNORDERED),
        key=key,
        links=tuple(
            _link_routes(model, key, relationship, plan)
            for relationship in model.relationships
            if relationship.link is not None
        ),
    )


def _link_routes(
    model: ModelPlan,
    key: tuple[KeyParameter, ...],
    relationship: RelationshipPlan,
    plan: Plan,
) -> LinkRoutes:
    link = relationship.link
    assert link is not None  # noqa: S101  (only asked for many-to-many)
    target = plan.model(relationship.target_table)
    own = {parameter.name for parameter in key}
    other_key = tuple(
        replace(parameter, name=_free(parameter.name, own))
        for parameter in (_key_parameter(target, column) for column in target.primary_key)
    )
    suffix = f"/{relationship.wire_name.replace('_', '-').lower()}"
    path = _key_path(key) + suffix
    variable = _variable(target)
    soft = not link.made and plan.model(link.table).soft_delete
    return LinkRoutes(
        attribute=relationship.attribute,
        words=relationship.wire_name.replace("_", " "),
        path=path,
        item_path=path + _key_path(other_key),
        suffix=suffix,
        parameters=_parameters(other_key),
        key_expression=_key_expression(other_key),
        key=other_key,
        variable=_free(variable, own | {_variable(model)} | {part.name for part in other_key}),
        target=target,
        target_query=_query_class(target),
        target_symbol=_symbol(target.class_name, plan),
        link=link,
        link_symbol=_symbol(link.symbol, plan),
        writable=link.bare and not soft,
    )


def _free(name: str, taken: Collection[str]) -> str:
    return f"other_{name}" if name in taken else name


def _variable(model: ModelPlan) -> str:
    stem = model.function_stem
    return f"{stem}_row" if stem in ROUTE_VARIABLES or stem in dir(builtins) else stem


def _symbol(class_name: str, plan: Plan) -> str:
    """What a model's class is called in modules of routes, beside the schemas of all models."""
    suffixes = ("Create", "Query", "Read", "Update")
    schemas = {f"{model.class_name}{suffix}" for model in plan.models for suffix in suffixes}
    taken = ROUTE_MODULE_NAMES | schemas | ROUTE_VARIABLES
    return f"{class_name}Model" if class_name in taken else class_name


def _key_path(key: Iterable[KeyParameter]) -> str:
    return "".join(f"/{{{parameter.name}{parameter.convertor}}}" for parameter in key)


def _key_expression(key: tuple[KeyParameter, ...]) -> str:
    names = ", ".join(parameter.name for parameter in key)
    return names if len(key) == 1 else f"({names})"


def _parameters(key: Iterable[KeyParameter]) -> str:
    return ", ".join(f"{parameter.name}: {parameter.annotation}" for parameter in key)


def _query_class(model: ModelPlan) -> str:
    name = f"{model.class_name}Query"
    return f"{model.class_name}RowsQuery" if name in {"ListQuery", "SoftDeleteQuery"} else name


def _schemas(model: ModelPlan, suffixes: Iterable[str]) -> str:
    names = {f"{model.class_name}{suffix}" for suffix in suffixes} | {_query_class(model)}
    return _from(f"app.schemas.{model.module}", names)


def _from(module: str, names: Iterable[str]) -> str:
    return f"from {module} import {', '.join(sorted(names))}"


def _import_as(module: str, name: str, symbol: str) -> str:
    return f"from {module} import {name}" + ("" if name == symbol else f" as {symbol}")


def _create_field(column: ColumnPlan, database: DatabasePlan) -> SchemaField:
    arguments = _bounds(column, database) + _words(column, "alias")
    annotation = _taken_in(column, database)
    if column.nullable:
        annotation = f"{annotation} | None"
    default: str | None = None
    if column.has_default and column.default_value is not None:
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


def _update_field(column: ColumnPlan, database: DatabasePlan) -> SchemaField:
    arguments = _bounds(column, database) + _words(column, "alias")
    annotation = _taken_in(column, database)
    if column.nullable:
        annotation = f"{annotation} | None"
    absent = _field(["default=ABSENT", *arguments]) if arguments else "ABSENT"
    return SchemaField(column.attribute, annotation, absent)


def _read_field(column: ColumnPlan) -> SchemaField:
    annotation = _ALIASES[column.type] if column.type in _SAME_BOTH_WAYS else column.python_type
    if column.nullable and column.type is not ColumnType.JSON:
        annotation = f"{annotation} | None"
    arguments = _words(column, "serialization_alias")
    return SchemaField(column.attribute, annotation, _field(arguments) if arguments else None)


def _query_fields(column: ColumnPlan, taken: set[str]) -> Iterable[SchemaField]:
    plain = _enum_or_alias(column)
    if column.type not in _UNORDERED:
        operator = "__eq" if {column.name, column.attribute} & QUERY_WORDS else ""
        if not operator or f"{column.name}{operator}" not in taken:
            yield _condition(column, operator, f"{plain} | None")
    wanted: list[tuple[str, str, str]] = []
    if column.type in _RANGED and not column.in_foreign_key and not column.primary_key:
        wanted += [("__gte", plain, "AT_LEAST"), ("__lte", plain, "AT_MOST")]
    if column.type in _TEXTS and not column.in_foreign_key:
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


def _key_parameter(model: ModelPlan, column: ColumnPlan) -> KeyParameter:
    name = column.attribute
    if hasattr(builtins, name) or name in ROUTE_VARIABLES:
        name = f"{model.function_stem}_{name}"
    if keyword.iskeyword(name) or name == _variable(model):
        name = f"{name}_key"
    annotation = "Key" if column.type is ColumnType.STRING else _enum_or_alias(column)
    return KeyParameter(name, annotation, column.attribute, column)


def _taken_in(column: ColumnPlan, database: DatabasePlan) -> str:
    if column.type is ColumnType.LARGE_BINARY:
        most = column.length or (
            MYSQL_TEXT_BYTES if database.db_type == "mysql" else MAX_BINARY_LENGTH
        )
        return f"Annotated[Binary, at_most_bytes({most:_})]"
    if column.type is ColumnType.STRING and column.primary_key:
        return "Key"
    return _enum_or_alias(column)


def _enum_or_alias(column: ColumnPlan) -> str:
    return column.enum.class_name if column.enum else _ALIASES[column.type]


def _bounds(column: ColumnPlan, database: DatabasePlan) -> list[str]:
    if column.enum:
        return ["strict=False"]
    if column.type in _TEXTS:
        most = MYSQL_TEXT_BYTES // 4 if database.db_type == "mysql" else MAX_TEXT_LENGTH
        return [f"max_length={column.length or most:_}"]
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


def _identifiers(parts: Iterable[str]) -> frozenset[str]:
    return frozenset(name for part in parts for name in re.findall(r"[A-Za-z_]\w*", part))
