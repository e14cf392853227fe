"""Examples of operations: rows that are given, a call, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.document.defaults import misfit
from common.document.draft import Draft, DraftColumn, DraftTable
from common.document.keys import find_column, find_table
from common.document.models import Example
from common.document.pointers import kind_of, pointer_to, shorten
from common.document.resolved import (
    ColumnOrigin,
    ResolvedExample,
    ResolvedRow,
    ValueType,
)
from common.document.value_types import value_misfit

_OUTCOMES = {"returns", "status"}
_STATUSES = range(200, 500)
_UNPROCESSABLE = 422

Rows = Mapping[str, list[dict[str, Any]]]
Types = Mapping[str, ValueType | None]
Required = Mapping[str, tuple[str, ...]]
"""By table: the columns that a given row has to name."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the examples of one operation have to fit."""

    inputs: Types
    returns: Types
    required_inputs: tuple[str, ...]
    required: Required


def wanted_of(inputs: Types, returns: Types, required: Required) -> Wanted:
    """Worked out once for all examples: a hundred of them may have a thousand inputs."""
    needed = (name for name, kind in inputs.items() if kind is not None and not kind.nullable)
    return Wanted(inputs, returns, tuple(needed), required)


def required_columns(draft: Draft) -> Required:
    """Worked out once: there may be a hundred columns, and of empty rows hundreds of thousands."""
    return {
        table.name: tuple(column.name for column in table.columns.values() if not _filled(column))
        for table in draft.tables.values()
    }


def resolve_example(
    draft: Draft,
    example: Example,
    pointer: str,
    *,
    wanted: Wanted,
    held_back: bool,
) -> ResolvedExample:
    """What an example means; what is wrong with it is noted."""
    given = [row for _, rows in _rows(draft, example.given, f"{pointer}/given") for row in rows]
    for row, place in given:
        _check_whole(draft, row, place, wanted.required)
    then = _rows(draft, example.then or {}, f"{pointer}/then")
    for rows in then:
        _check_alike(draft, rows[1])
    status = _check_outcome(draft, example, pointer, wanted.returns)
    told = example.expect.get("returns")
    expected = told if isinstance(told, dict) else {}
    _check_values(draft, example.call, wanted.inputs, f"{pointer}/call", "input")
    _check_values(draft, expected, wanted.returns, f"{pointer}/expect/returns", "returned value")
    missing = next((name for name in wanted.required_inputs if name not in example.call), None)
    if missing is not None and status != _UNPROCESSABLE:
        draft.findings.fault(
            f"{pointer}/call",
            "invalid_example",
            f"The input {shorten(missing)!r} is missing, for which the answer is always 422.",
        )
    return ResolvedExample(
        given=tuple(row for row, _ in given),
        call=tuple(example.call.items()),
        status=status,
        returns=tuple(expected.items()),
        then=tuple((table, tuple(row for row, _ in rows)) for table, rows in then),
        held_back=held_back,
    )


def _check_outcome(draft: Draft, example: Example, pointer: str, returns: Types) -> int | None:
    """The status that is expected, if one is."""
    outcomes = set(example.expect)
    if len(outcomes) != 1 or not outcomes <= _OUTCOMES:
        draft.findings.fault(
            f"{pointer}/expect",
            "invalid_example",
            "`expect` holds either `returns` or `status`, and nothing else.",
        )
        return None
    if "returns" in outcomes:
        told = example.expect["returns"]
        if not isinstance(told, dict):
            message = f"Must be an object, not {kind_of(told)}."
            draft.findings.fault(f"{pointer}/expect/returns", "wrong_type", message)
        elif not returns:
            message = "The operation returns nothing; expect a `status` of 204."
            draft.findings.fault(f"{pointer}/expect/returns", "invalid_example", message)
        return None
    status = example.expect["status"]
    if not isinstance(status, int) or isinstance(status, bool) or status not in _STATUSES:
        message = "`status` must be an HTTP status from 200 to 499."
        draft.findings.fault(f"{pointer}/expect/status", "out_of_range", message)
        return None
    return status


def _check_values(
    draft: Draft,
    values: Mapping[str, object],
    types: Types,
    at: str,
    noun: str,
) -> None:
    for name, value in values.items():
        kind = types.get(name)
        if name not in types:
            draft.findings.fault(
                at + pointer_to((name,)),
                "unknown_member",
                f"There is no {noun} {shorten(name)!r}.",
                like=(name, types),
            )
        elif kind is not None and (wanted := value_misfit(value, kind)) is not None:
            message = f"{shorten(name)} must be {wanted}."
            draft.findings.fault(at + pointer_to((name,)), "invalid_example", message)


Placed = tuple[ResolvedRow, str]


def _rows(draft: Draft, rows: Rows, pointer: str) -> list[tuple[str, list[Placed]]]:
    """By table: the rows, each with its pointer; what is wrong with their values is noted."""
    found = []
    for name, listed in rows.items():
        place = pointer + pointer_to((name,))
        table = find_table(draft, name, place)
        if table is None:
            continue
        placed = []
        for position, values in enumerate(listed):
            here = f"{place}/{position}"
            for column_name, value in values.items():
                column = table.columns.get(column_name)
                if column is None:
                    find_column(draft, table, column_name, here + pointer_to((column_name,)))
                else:
                    _check_value(draft, column, value, here)
            placed.append((ResolvedRow(name, tuple(values.items())), here))
        found.append((name, placed))
    return found


def _check_value(draft: Draft, column: DraftColumn, value: object, row_pointer: str) -> None:
    if column.doubtful or column.type is None:
        return
    wanted = misfit(value, column) if value is not None else None
    if value is None and not column.nullable:
        wanted = "no null"
    if wanted is not None:
        message = f"{shorten(column.name)} must be {wanted}."
        pointer = row_pointer + pointer_to((column.name,))
        draft.findings.fault(pointer, "invalid_example", message)


def _check_whole(draft: Draft, row: ResolvedRow, pointer: str, required: Required) -> None:
    """A given row names every column that nothing else gives a value."""
    table: DraftTable = draft.tables[row.table]
    named = {name for name, _ in row.values}
    if not named <= table.columns.keys():
        return  # it may be the one that is missing, misspelt
    missing = next((name for name in required[table.name] if name not in named), None)
    if missing is not None:
        draft.findings.fault(
            pointer,
            "invalid_example",
            f"The row of {row.table} needs a value for {shorten(missing)!r}.",
        )


def _filled(column: DraftColumn) -> bool:
    """Whether a column has a value even in a row that does not name it."""
    return (
        column.nullable
        or column.doubtful
        or column.autoincrement
        or column.origin is not ColumnOrigin.DECLARED
        or column.name in {"created_at", "updated_at", "is_deleted"}
        or (column.source is not None and column.source.has_default)
    )


def _check_alike(draft: Draft, rows: list[Placed]) -> None:
    """Rows that are expected can only be told apart by the same columns."""
    for row, pointer in rows[1:]:
        if {name for name, _ in row.values} != {name for name, _ in rows[0][0].values}:
            draft.findings.fault(
                pointer,
                "invalid_example",
                f"All rows of {row.table} that are expected have to name the same columns.",
            )
            return
