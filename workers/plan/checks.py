"""Conditions of the document as SQLAlchemy expressions, which each database writes its own way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID

from common.document.conditions import (
    Comparison,
    Condition,
    Junction,
    Literal,
    Membership,
    Not,
    NullTest,
    Operand,
    Range,
    columns_of,
    parse_condition,
)
from common.document.resolved import ColumnType, DbType, ResolvedTable
from workers.literals import literal
from workers.plan.constraints import NameBook
from workers.plan.defaults import typed_value
from workers.plan.ir import CheckPlan

_OPERATORS: Final = {"=": "==", "<>": "!="}
"""Where Python writes them in another way."""
_TYPES: Final = {
    ColumnType.DATE: "sa.Date()",
    ColumnType.DATETIME: "sa.DateTime(timezone=True)",
    ColumnType.TIME: "sa.Time()",
    ColumnType.UUID: "sa.Uuid()",
}
"""What databases write down each in its own form, so that a literal has to say its type."""


def plan_checks(
    table: ResolvedTable, db_type: DbType, names: NameBook, rename: Callable[[str], str]
) -> tuple[CheckPlan, ...]:
    """The conditions of a table; `rename` puts in what standard classes are imported as."""
    types = {column.name: column.type for column in table.columns}
    plans = []
    for check in table.checks:
        condition = parse_condition(check.text)
        columns = dict.fromkeys(columns_of(condition))
        plans.append(
            CheckPlan(
                name=names.take(f"ck_{table.name}_{'_'.join(columns)}", check.text),
                expression=_Writer(types, db_type, rename).condition(condition),
                text=check.text,
            )
        )
    return tuple(plans)


class _Writer:
    """Writes one condition as Python source."""

    def __init__(
        self, types: Mapping[str, ColumnType], db_type: DbType, rename: Callable[[str], str]
    ) -> None:
        self._types = types
        self._db_type = db_type
        self._rename = rename

    def condition(self, condition: Condition) -> str:
        if isinstance(condition, Junction):
            parts = ", ".join(self.condition(part) for part in condition.conditions)
            return f"sa.{condition.word}_({parts})"
        if isinstance(condition, Not):
            return f"sa.not_({self.condition(condition.condition)})"
        kind = self._types[next(columns_of(condition))]
        if isinstance(condition, NullTest):
            test = "is_not" if condition.negated else "is_"
            return f"{self._first(condition.operand, kind)}.{test}(None)"
        if isinstance(condition, Membership):
            values = ", ".join(self._value(value, kind) for value in condition.values)
            return (
                f"{self._first(condition.operand, kind)}"
                f".{'not_in' if condition.negated else 'in_'}([{values}])"
            )
        if isinstance(condition, Range):
            low, high = self._other(condition.low, kind), self._other(condition.high, kind)
            between = f"{self._first(condition.operand, kind)}.between({low}, {high})"
            return f"sa.not_({between})" if condition.negated else between
        return self._comparison(condition, kind)

    def _comparison(self, condition: Comparison, kind: ColumnType) -> str:
        sign = _OPERATORS.get(condition.operator, condition.operator)
        left, right = self._first(condition.left, kind), self._other(condition.right, kind)
        return f"{left} {sign} {right}"

    def _first(self, operand: Operand, kind: ColumnType) -> str:
        """An operand that makes Python build an expression rather than compare for itself."""
        if isinstance(operand, Literal):
            written = self._value(operand, kind)
            return written if written.startswith("sa.") else f"sa.literal({written})"
        return f"sa.column({literal(operand.name)})"

    def _other(self, operand: Operand, kind: ColumnType) -> str:
        if isinstance(operand, Literal):
            return self._value(operand, kind)
        return f"sa.column({literal(operand.name)})"

    def _value(self, operand: Literal, kind: ColumnType) -> str:
        value = operand.value
        if isinstance(value, bool):
            return "sa.true()" if value else "sa.false()"
        if isinstance(value, Decimal):
            plain = f"{value:f}"
            return plain if "." not in plain else f"sa.literal_column({literal(plain)})"
        if kind not in _TYPES:
            return literal(value)
        typed = typed_value(kind, value)
        if isinstance(typed, dt.datetime) and self._db_type != "postgresql":
            return literal(_without_offset(typed))
        written = literal(typed)
        if isinstance(typed, UUID):
            written = self._rename(written)
        return f"sa.literal({written}, {_TYPES[kind]})"


def _without_offset(moment: dt.datetime) -> str:
    """As databases without zones keep it, in UTC."""
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
