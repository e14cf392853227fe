"""What stands at the top of the modules of models and of the first migration: whole statements.

They come in no particular order; ruff sorts and joins them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from common.document.resolved import DbType
from workers.plan.ir import (
    CheckPlan,
    ColumnPlan,
    EnumPlan,
    LinkPlan,
    ModelPlan,
    RelationshipPlan,
)

_SQLALCHEMY: Final = "import sqlalchemy as sa"
_BASE: Final = "from app.models import base"
_COLUMN_TYPES: Final = "from app.models import column_types"
_POSTGRESQL: Final = "from sqlalchemy.dialects import postgresql"
_MYSQL: Final = "from sqlalchemy.dialects import mysql"


def of_model(
    columns: Iterable[ColumnPlan],
    relationships: Iterable[RelationshipPlan],
    checks: Iterable[CheckPlan],
    standard_names: Mapping[str, str],
) -> tuple[str, ...]:
    """For the module of a model."""
    own = [column for column in columns if not column.from_mixin]
    found = {_SQLALCHEMY, _BASE, "from sqlalchemy import orm"}
    found.update(statement for column in own for statement in column.python_imports)
    found |= _of_literals((check.expression for check in checks), standard_names)
    if any(
        said.startswith("column_types.")
        for column in own
        for said in (column.sql_type, column.python_default or "")
    ):
        found.add(_COLUMN_TYPES)
    if any("postgresql." in column.sql_type for column in own):
        found.add(_POSTGRESQL)
    if any("mysql." in column.sql_type for column in own):
        found.add(_MYSQL)
    if any("utc_now" in (column.python_default, column.on_update) for column in own):
        found.add("from app.core.clock import utc_now")
    if any(column.python_default == "uuid4" for column in own):
        found.add("from uuid import uuid4")
    for relationship in relationships:
        link = relationship.link
        if link is not None and link.made and "primaryjoin" in dict(relationship.arguments):
            found.add(f"from app.models.{link.module} import {link.symbol}")
    return tuple(sorted(found))


def for_typing(table_name: str, relationships: Iterable[RelationshipPlan]) -> tuple[str, ...]:
    """For the same module, but for type checkers alone: the models at the other ends."""
    found = {
        f"from app.models.{one.target_module} import {one.target_class}"
        for one in relationships
        if one.target_table != table_name
    }
    return tuple(sorted(found))


def of_link(columns: Iterable[ColumnPlan]) -> tuple[str, ...]:
    """For the module of a link table that nobody declared."""
    found = {_SQLALCHEMY, _BASE}
    for column in columns:
        if column.sql_type.startswith("column_types."):
            found.add(_COLUMN_TYPES)
        if column.enum is not None:
            found.update(column.python_imports)
    return tuple(sorted(found))


def of_migration(
    tables: Collection[ModelPlan | LinkPlan],
    *,
    enums: Collection[EnumPlan],
    db_type: DbType,
    standard_names: Mapping[str, str],
) -> tuple[str, ...]:
    """For the first migration, beyond SQLAlchemy and Alembic."""
    columns = [column for table in tables for column in table.columns]
    checks = [check.expression for table in tables for check in table.checks]
    defaults = [column.server_default or "" for column in columns]
    found = _of_literals([*checks, *defaults], standard_names)
    if db_type == "postgresql" and (
        enums or any("postgresql." in column.migration_type for column in columns)
    ):
        found.add(_POSTGRESQL)
    if any("mysql." in column.migration_type for column in columns):
        found.add(_MYSQL)
    return tuple(sorted(found))


def _of_literals(expressions: Iterable[str], standard_names: Mapping[str, str]) -> set[str]:
    """For the typed literals in `expressions`."""
    used = standard_names["UUID"]
    found = set()
    for expression in expressions:
        if "sa.literal(dt." in expression:
            found.add("import datetime as dt")
        if f"sa.literal({used}(" in expression:
            found.add("from uuid import UUID" + ("" if used == "UUID" else f" as {used}"))
    return found
