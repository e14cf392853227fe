"""Conditions of a table against its columns: whether they exist and can be compared like this."""

from __future__ import annotations

from decimal import Decimal

from common.document.conditions import (
    Comparison,
    ConditionError,
    Literal,
    NullTest,
    Predicate,
    Range,
    columns_of,
    operands_of,
    parse_condition,
    predicates_of,
)
from common.document.defaults import misfit
from common.document.draft import Draft, DraftColumn, DraftTable
from common.document.keys import find_column
from common.document.pointers import shorten
from common.document.resolved import ColumnType

_NUMBERS = {
    ColumnType.INTEGER,
    ColumnType.BIG_INTEGER,
    ColumnType.SMALL_INTEGER,
    ColumnType.NUMERIC,
    ColumnType.FLOAT,
}
_TEXTS = {ColumnType.STRING, ColumnType.TEXT}
_OPAQUE = {ColumnType.JSON, ColumnType.LARGE_BINARY, ColumnType.INTERVAL}
"""Values that databases write down so differently that a literal of them means nothing."""
_EQUAL_ONLY = {ColumnType.BOOLEAN, ColumnType.ENUM, ColumnType.UUID}


def check_conditions(draft: Draft, table: DraftTable) -> None:
    """Note what is wrong with the `checks` of one table."""
    for index, text in enumerate(table.source.checks):
        pointer = f"{table.pointer}/checks/{index}"
        try:
            condition = parse_condition(text)
        except ConditionError as error:
            draft.findings.fault(
                pointer,
                "invalid_condition",
                f"{error.message} (character {error.position + 1} of {shorten(text)!r}).",
            )
            continue
        for predicate in predicates_of(condition):
            complaint = _complaint(draft, table, predicate, pointer)
            if complaint is not None:
                draft.findings.fault(pointer, "type_mismatch", complaint)
                break


def _complaint(draft: Draft, table: DraftTable, predicate: Predicate, pointer: str) -> str | None:
    """Why the operands of `predicate` don't go together; None if they do or are unknown."""
    columns: list[DraftColumn] = []
    for name in columns_of(predicate):
        column = find_column(draft, table, name, pointer)
        if column is None or column.type is None or column.doubtful:
            return None
        columns.append(column)
    if isinstance(predicate, NullTest):
        return None
    return (
        _unlike(columns) or _unordered(columns[0], predicate) or _ill_suited(columns[0], predicate)
    )


def _unlike(columns: list[DraftColumn]) -> str | None:
    first = columns[0]
    for column in columns:
        if column.type in _OPAQUE:
            return f"{column.name} is {column.type}, which can only be tested with `is null`."
        if _family(column) != _family(first):
            return (
                f"{first.name} ({first.type}) can't be compared with {column.name} ({column.type})."
            )
    return None


def _unordered(column: DraftColumn, predicate: Predicate) -> str | None:
    ordering = isinstance(predicate, Range) or (
        isinstance(predicate, Comparison) and predicate.operator not in {"=", "<>"}
    )
    if ordering and column.type in _EQUAL_ONLY:
        return f"{column.name} is {column.type}, which has no order."
    return None


def _ill_suited(column: DraftColumn, predicate: Predicate) -> str | None:
    for operand in operands_of(predicate):
        wanted = _literal_misfit(operand, column) if isinstance(operand, Literal) else None
        if wanted is not None:
            return f"{column.name} is {column.type} and must be compared with {wanted}."
    return None


def _family(column: DraftColumn) -> str:
    if column.type in _NUMBERS:
        return "number"
    return "text" if column.type in _TEXTS else str(column.type)


def _literal_misfit(literal: Literal, column: DraftColumn) -> str | None:
    value = literal.value
    if column.type in _NUMBERS:
        return None if isinstance(value, Decimal) else "a number"
    if column.type in _TEXTS:
        return None if isinstance(value, str) else "a text in single quotes"
    if isinstance(value, Decimal):
        return (
            "a text in single quotes" if column.type is not ColumnType.BOOLEAN else "true or false"
        )
    return misfit(value, column)
