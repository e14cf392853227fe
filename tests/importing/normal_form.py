"""Two documents in a form in which they can be compared.

What a database can't hold is left out or made alike, and nothing else; `docs/import.md` lists it
for people in the same order.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from common.document.conditions import (
    Comparison,
    Condition,
    Junction,
    Literal,
    Membership,
    Not,
    Range,
    columns_of,
    parse_condition,
)
from common.document.limits import DocumentLimits
from common.document.read import read_document
from common.document.resolved import (
    ColumnType,
    ResolvedColumn,
    ResolvedDocument,
    ResolvedMadeLink,
    ResolvedTable,
)
from workers.checks.conditions import _plain

Normal = dict[str, Any]
INTEGERS = {ColumnType.INTEGER, ColumnType.BIG_INTEGER, ColumnType.SMALL_INTEGER}
NUMBERS = {*INTEGERS, ColumnType.NUMERIC, ColumnType.FLOAT}
DURATION = TypeAdapter(dt.timedelta)
MOMENT = TypeAdapter(dt.datetime)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def resolved(raw: object) -> ResolvedDocument:
    reading = read_document(raw, DocumentLimits())
    assert reading.resolved is not None, reading.faults
    return reading.resolved


def normal_form(raw: object) -> Normal:
    """What the database of a document holds of it."""
    document = resolved(raw)
    # 1. options, run and operations, the project's description, and all names of classes
    # 2. which relationships there are, and what they are called: see `relationships`
    # 3. whether a table between two others was declared or made
    tables = [*document.tables, *document.made_links]
    return {
        "project_name": document.project_name,
        "db_type": document.db_type,
        "tables": {table.name: _table(document, table) for table in tables},
    }


def relationships(raw: object) -> set[tuple[str, str, tuple[str, ...], str]]:
    """Each side of a relationship that joins by a key: the tables, the key, and the kind.

    A key that is unique is one_to_one for the database, and the two keys that a table consists
    of are a many_to_many.
    """
    document = resolved(raw)
    links = {table.name for table in document.tables if _is_link(table)}
    found = set()
    for table in document.tables:
        for side in table.relationships:
            key = side.foreign_key
            if key is None or key.table in links or key.target_table in links:
                continue
            kind = "one_to_one" if _is_unique(document.table(key.table), key.columns) else side.kind
            found.add((table.name, side.target_table, key.columns, kind))
    return found


def _is_unique(table: ResolvedTable, columns: tuple[str, ...]) -> bool:
    sets = [{column.name for column in table.primary_key}]
    sets += [{column.name} for column in table.columns if column.unique]
    sets += [set(unique.columns) for unique in table.uniques]
    return set(columns) in sets


def _is_link(table: ResolvedTable) -> bool:
    columns = [name for key in table.foreign_keys for name in key.columns]
    return (
        len(table.foreign_keys) == 2
        and len(set(columns)) == len(columns) == len(table.columns) == len(table.primary_key)
        and all(key.target_table != table.name for key in table.foreign_keys)
    )


def _table(document: ResolvedDocument, table: ResolvedTable | ResolvedMadeLink) -> Normal:
    declared = isinstance(table, ResolvedTable)
    primary_key = [column.name for column in table.columns if column.primary_key]
    uniques = [{column.name} for column in table.columns if column.unique]
    indexes = [(column.name,) for column in table.columns if column.index]
    checks: list[str] = []
    if declared:
        uniques += [set(unique.columns) for unique in table.uniques]
        indexes += [index.columns for index in table.indexes]
        types = {column.name: column for column in table.columns}
        checks = [repr(_meaning(parse_condition(check.text), types)) for check in table.checks]
    else:
        indexes.append(table.foreign_keys[-1].columns)
    comments = document.db_type in _COMMENTED
    return {
        "columns": [column.name for column in table.columns],
        "types": {column.name: _column(document, table, column) for column in table.columns},
        "primary_key": primary_key,
        "uniques": sorted(sorted(one) for one in uniques if one != set(primary_key)),
        "indexes": sorted(set(indexes)),
        "foreign_keys": sorted(
            (
                sorted(zip(key.columns, key.target_columns, strict=True)),
                key.target_table,
                _action(document, key.on_delete),
            )
            for key in table.foreign_keys
        ),
        "checks": sorted(set(checks)),
        "options": (declared and table.use_timestamps, declared and table.use_soft_delete),
        # 4. descriptions, on SQLite and SQL Server
        "description": _text(table.description) if declared and comments else None,
    }


def _text(description: str | None) -> str | None:
    """No description and one of blanks are the same to a database."""
    return description if description and description.strip() else None


def _action(document: ResolvedDocument, action: str) -> str:
    # 5. RESTRICT and NO ACTION are one on MySQL and SQL Server
    return "NO ACTION" if action == "RESTRICT" and document.db_type in _ONE_ACTION else action


_COMMENTED = {"postgresql", "mysql"}
_ONE_ACTION = {"mysql", "mssql"}


def _column(  # noqa: C901 - one case an exception of the list
    document: ResolvedDocument, table: ResolvedTable | ResolvedMadeLink, column: ResolvedColumn
) -> Normal:
    db_type = document.db_type
    kind: ColumnType = column.type
    length, precision, scale = column.length, column.precision, column.scale
    has_default, default = column.has_default and column.default is not None, column.default
    counts = column.autoincrement
    declared = isinstance(table, ResolvedTable)
    lone = column.primary_key and sum(one.primary_key for one in table.columns) == 1
    if not lone:
        # 11. a part of a key is counted up by the application
        counts = False
    if db_type == "sqlite" and kind in INTEGERS and lone and _free_standing(table, column):
        # 6. SQLite counts up every INTEGER that is a key, and nothing wider
        if kind is ColumnType.INTEGER or counts:
            kind, counts = ColumnType.INTEGER, True
    elif db_type == "sqlite" and kind in INTEGERS and not _free_standing(table, column):
        kind = ColumnType.INTEGER
    if kind is ColumnType.INTERVAL and db_type != "postgresql":
        # 7. intervals are moments after 1970
        kind = ColumnType.DATETIME
        if has_default:
            default = (EPOCH + DURATION.validate_python(default)).isoformat()
    if db_type == "mysql":
        # 8. sizes that MySQL demands or refuses
        if kind is ColumnType.NUMERIC and precision is None:
            precision, scale = 28, 10
        if kind is ColumnType.STRING and (length or 0) > 16_383:
            kind, length = ColumnType.TEXT, None
        # 9. defaults that a database can't have
        has_default &= kind not in {ColumnType.TEXT, ColumnType.JSON}
    has_default &= kind is not ColumnType.LARGE_BINARY
    if column.name == "is_deleted" and declared and table.use_soft_delete:
        has_default = False  # the option says it
    return {
        "type": kind,
        "length": length,
        "precision": precision,
        "scale": (scale or 0) if precision is not None else None,
        "values": column.values,
        "counts": counts,
        "nullable": column.nullable,
        "default": _value(kind, default) if has_default else None,
        "description": _text(column.description) if db_type in _COMMENTED else None,
    }


def _free_standing(table: ResolvedTable | ResolvedMadeLink, column: ResolvedColumn) -> bool:
    return not any(column.name in key.columns for key in table.foreign_keys)


def _value(kind: ColumnType, value: Any) -> object:
    """A default by what it means, however it is written."""
    if kind in NUMBERS:
        return Decimal(str(value)) + 0 if kind is not ColumnType.FLOAT else float(value)
    if kind is ColumnType.DATETIME:
        moment = MOMENT.validate_python(value)
        return moment.replace(tzinfo=moment.tzinfo or dt.UTC, microsecond=0).astimezone(dt.UTC)
    if kind is ColumnType.UUID:
        return UUID(value)
    if kind is ColumnType.INTERVAL:
        return DURATION.validate_python(value)
    if kind is ColumnType.TIME:
        return dt.time.fromisoformat(value)
    return value


def _meaning(condition: Condition, columns: dict[str, ResolvedColumn]) -> object:
    return _valued(_plain(condition), columns)


def _valued(condition: Condition, columns: dict[str, ResolvedColumn]) -> Condition:
    if isinstance(condition, Junction):
        parts = tuple(_valued(part, columns) for part in condition.conditions)
        return _plain(replace(condition, conditions=parts))
    kind = columns[next(columns_of(condition))].type

    def typed(operand: Any) -> Any:
        if not isinstance(operand, Literal):
            return operand
        return Literal(_value(kind, operand.value))  # type: ignore[arg-type]

    if isinstance(condition, Comparison):
        return replace(condition, left=typed(condition.left), right=typed(condition.right))
    if isinstance(condition, Membership):
        return replace(condition, values=tuple(map(typed, condition.values)))
    if isinstance(condition, Range):
        # 10. PostgreSQL writes BETWEEN as two comparisons
        low = Comparison(condition.operand, ">=", typed(condition.low))
        high = Comparison(condition.operand, "<=", typed(condition.high))
        both: Condition = Junction("and", (low, high))
        return _plain(Not(both)) if condition.negated else both
    return condition
