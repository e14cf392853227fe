"""What a column's declared default is as Python and as SQL."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from common.document.resolved import ColumnType, DbType, ResolvedColumn
from workers.literals import literal
from workers.plan.ir import EnumPlan

_ADAPTERS: Final[dict[ColumnType, TypeAdapter[object]]] = {
    ColumnType.DATETIME: TypeAdapter(dt.datetime),
    ColumnType.DATE: TypeAdapter(dt.date),
    ColumnType.TIME: TypeAdapter(dt.time),
    ColumnType.INTERVAL: TypeAdapter(dt.timedelta),
    ColumnType.UUID: TypeAdapter(UUID),
}
_WITHOUT_SERVER_DEFAULT_ON_MYSQL: Final = frozenset({ColumnType.TEXT, ColumnType.JSON})
_EPOCH: Final = dt.datetime(1970, 1, 1)  # noqa: DTZ001  (how SQLAlchemy stores intervals)


@dataclass(frozen=True, slots=True)
class DefaultPlan:
    """A default in the three places where it is needed; each an expression."""

    value: str
    """As a value, for schemas and tests."""
    python: str
    """For `default=` in the model: a callable where the value is mutable."""
    server: str | None
    """For `server_default=`; None where the database can't have one."""


def plan_default(
    column: ResolvedColumn,
    enum: EnumPlan | None,
    db_type: DbType,
    standard_names: dict[str, str],
) -> DefaultPlan | None:
    """The declared default of a column; None for none and for null, which needs no saying.

    `standard_names` says what `UUID` and `Decimal` are imported as.
    """
    if not column.has_default or column.default is None:
        return None
    value = _python_value(column)
    if enum is not None:
        member = next(member for member in enum.members if member.value == value)
        source = f"{enum.class_name}.{member.name}"
    else:
        source = renamed(literal(value), standard_names)
    return DefaultPlan(
        value=source,
        python=_python_default(value, source),
        server=_server_default(column.type, value, db_type, standard_names),
    )


def typed_value(kind: ColumnType, value: object) -> object:
    """What a string means for a column of a type that JSON does not have; times are in UTC."""
    typed = _ADAPTERS[kind].validate_python(value)
    if isinstance(typed, dt.datetime):
        return typed.replace(tzinfo=typed.tzinfo or dt.UTC).astimezone(dt.UTC)
    return typed


def _python_value(column: ResolvedColumn) -> object:
    """The default as the type that the attribute has."""
    if adapter := _ADAPTERS.get(column.type):
        value = adapter.validate_python(column.default)
        if isinstance(value, dt.datetime):
            return (
                value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
            )
        return value
    if column.type is ColumnType.NUMERIC:
        return Decimal(str(column.default))
    if column.type is ColumnType.FLOAT and isinstance(column.default, int):
        return float(column.default)
    if column.type is ColumnType.LARGE_BINARY and isinstance(column.default, str):
        return TypeAdapter(bytes, config={"val_json_bytes": "base64"}).validate_json(
            json.dumps(column.default)
        )
    return column.default


def _python_default(value: object, source: str) -> str:
    if isinstance(value, dict | list):
        return f"lambda: {source}" if value else type(value).__name__
    return source


def _server_default(
    kind: ColumnType, value: object, db_type: DbType, standard_names: dict[str, str]
) -> str | None:
    if kind is ColumnType.LARGE_BINARY or (
        db_type == "mysql" and kind in _WITHOUT_SERVER_DEFAULT_ON_MYSQL
    ):
        return None
    if kind is ColumnType.JSON:
        return literal(json.dumps(value))
    if isinstance(value, bool):
        return "sa.true()" if value else "sa.false()"
    if isinstance(value, UUID):
        # As a value, since each database stores it in its own form
        return f"sa.literal({renamed(literal(value), standard_names)}, sa.Uuid())"
    if isinstance(value, int | float | Decimal):
        return f"sa.text({literal(f'{value:f}' if isinstance(value, Decimal) else str(value))})"
    # Alembic takes an empty string for no default at all
    return literal(_stored_text(value, db_type)) if value != "" else "sa.text(\"''\")"


def _stored_text(value: object, db_type: DbType) -> str:
    """A default that the database reads from a string."""
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None).isoformat(sep=" ") + _zone(db_type)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        if db_type == "postgresql":
            return f"{value.total_seconds():f} seconds"
        return (_EPOCH + value).isoformat(sep=" ", timespec="microseconds")
    return str(value)


def _zone(db_type: DbType) -> str:
    """PostgreSQL would take a time without one for a local time; the others have no zones."""
    return "+00:00" if db_type == "postgresql" else ""


def renamed(source: str, standard_names: dict[str, str]) -> str:
    """A literal with its class as the module imports it."""
    for name, used in standard_names.items():
        source = source.replace(f"{name}(", f"{used}(") if source.startswith(f"{name}(") else source
    return source
