"""A model as a resource of the API: its schemas, its routes, and what their modules import."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from workers.plan.ir import ModelPlan, RelationshipLinkPlan
from workers.plan.route_names import (
    KeyParameter,
    key_expression,
    key_parameters,
    key_path,
    query_class,
)
from workers.plan.schema_fields import SchemaField
from workers.plan.wire_types import FIELD_NAMES, FILTER_NAMES, identifiers


@dataclass(frozen=True, slots=True)
class LinkRoutes:
    """A many-to-many relationship as a sub-resource of one of its sides."""

    attribute: str
    """Name: of the relationship."""
    one: str
    """Name: of one of those that it leads to, for functions; no other relationship has it."""
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
    held: bool
    """Whether rows that others refer to may not be hidden."""
    rechecked: bool
    """Whether what a hidden row refers to may be hidden, too, when the row is to come back."""

    @property
    def nullable_defaults(self) -> bool:
        """Whether null and nothing mean different things when a row is made."""
        return has_nullable_defaults(self.model)

    @property
    def query_class(self) -> str:
        """Name: the schema of the list's parameters."""
        return query_class(self.model)

    @property
    def query_base(self) -> str:
        """Name: what that is derived from."""
        return "SoftDeleteQuery" if self.model.soft_delete else "ListQuery"

    @property
    def key_path(self) -> str:
        """Text: `/{post_id}`, `/{order_id}/{line_number}`."""
        return key_path(self.key)

    @property
    def key_expression(self) -> str:
        """Expression: the key as the session wants it, `post_id` or `(order_id, line_number)`."""
        return key_expression(self.key)

    @property
    def parameters(self) -> str:
        """Expression: `post_id: Integer`, to be put into a function's parameters."""
        return key_parameters(self.key)

    @property
    def schema_imports(self) -> tuple[str, ...]:
        """Statements at the top of the schemas' module."""
        names = self._schema_names
        statements = [
            "from pydantic import BaseModel" + (", Field" if "Field" in names else ""),
            _from("app.core.fields", {"Input", "OUTPUT"} | names & FIELD_NAMES | self._changes),
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
    def field_types(self) -> frozenset[str]:
        """Names: what its schemas and routes need of `app/core/fields.py`."""
        return (self._schema_names | self._key_types) & FIELD_NAMES

    @property
    def _schema_names(self) -> frozenset[str]:
        return identifiers(
            part
            for field in (*self.create, *self.update, *self.read, *self.query)
            for part in (field.annotation, field.assignment or "")
        )

    @property
    def _key_types(self) -> frozenset[str]:
        keys = (self.key, *(link.key for link in self.links))
        return identifiers(parameter.annotation for key in keys for parameter in key)

    @property
    def enums_in_paths(self) -> frozenset[str]:
        """Names: the enums of which a path takes nothing but the values."""
        keys = (self.key, *(link.key for link in self.links))
        return frozenset(part.slashed_enum for key in keys for part in key if part.slashed_enum)

    @property
    def _changes(self) -> set[str]:
        return {"ABSENT", "CHANGES"} if self.update else set()

    @property
    def route_imports(self) -> tuple[str, ...]:
        """Statements at the top of the routes' module."""
        model = self.model
        types = self._key_types & FIELD_NAMES
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
                | ({"add_link"} if self._writes_links else set())
                | ({"spelled_out"} if self.nullable_defaults else set()),
            ),
            "from app.core.database import SessionDep",
            _schemas(model, {"Create", "Read"} | ({"Update"} if self.update else set())),
            _import_as("app.models", model.class_name, self.symbol),
        }
        if types:
            statements.add(_from("app.core.fields", types))
        if model.soft_delete:
            statements.add("from app.core.clock import utc_now")
            checks = ["check_references"] if self.rechecked else []
            checks += ["check_unused"] if self.held else []
            if checks:
                statements.add(_from("app.core.references", checks))
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


def has_nullable_defaults(model: ModelPlan) -> bool:
    """Whether a column that may be null has a default."""
    return any(
        column.nullable and column.python_default is not None and not column.generated
        for column in model.columns
    )


def _schemas(model: ModelPlan, suffixes: Iterable[str]) -> str:
    names = {f"{model.class_name}{suffix}" for suffix in suffixes} | {query_class(model)}
    return _from(f"app.schemas.{model.module}", names)


def _from(module: str, names: Iterable[str]) -> str:
    return f"from {module} import {', '.join(sorted(names))}"


def _import_as(module: str, name: str, symbol: str) -> str:
    return f"from {module} import {name}" + ("" if name == symbol else f" as {symbol}")
