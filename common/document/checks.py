"""Conditions of a table against its columns: do they exist, and can they be compared like this?"""

from __future__ import annotations

from decimal import Decimal

from common.document.conditions import (
    ColumnName,
    Comparison,
    ConditionError,
    Literal,
    NullTest,
    Operand,
    Predicate,
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
_WHOLE = {ColumnType.INTEGER, ColumnType.BIG_INTEGER, ColumnType.SMALL_INTEGER}
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
    literals: list[Literal] = []
    for operand in operands_of(predicate):
        column = _column(draft, table, operand, pointer)
        if isinstance(operand, Literal):
            literals.append(operand)
        elif column is None or column.type is None or column.doubtful:
            return None
        else:
            columns.append(column)
    if isinstance(predicate, NullTest):
        return None
    first = columns[0]
    for column in columns:
        if column.type in _OPAQUE:
            return f"{column.name} is {column.type}, which can only be tested with `is null`."
        if _family(column) != _family(first):
            return (
                f"{first.name} ({first.type}) can't be compared with {column.name} ({column.type})."
            )
    ordered = not isinstance(predicate, Comparison) or predicate.operator not in {"=", "<>"}
    listed = hasattr(predicate, "values")
    if ordered and not listed and first.type in _EQUAL_ONLY:
        return f"{first.name} is {first.type}, which has no order."
    for literal in literals:
        wanted = _literal_misfit(literal, first)
        if wanted is not None:
            return f"{first.name} is {first.type} and must be compared with {wanted}."
    return None


def _column(draft: Draft, table: DraftTable, operand: Operand, pointer: str) -> DraftColumn | None:
    if isinstance(operand, ColumnName):
        return find_column(draft, table, operand.name, pointer)
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
