"""What SQL makes of a condition, given a row: true, false or unknown."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from common.document.conditions import (
    ColumnName,
    Comparison,
    Condition,
    Junction,
    Membership,
    Not,
    NullTest,
    Operand,
    Range,
    operands_of,
)

_OPERATORS: Final[Mapping[str, Callable[[Any, Any], object]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def truth(condition: Condition, row: Mapping[str, object]) -> bool | None:
    """What SQL makes of the condition: None for unknown, which a check lets pass."""
    if isinstance(condition, Not):
        opposite = truth(condition.condition, row)
        return None if opposite is None else not opposite
    if isinstance(condition, Junction):
        truths = [truth(part, row) for part in condition.conditions]
        decisive = condition.word == "or"
        if decisive in truths:
            return decisive
        return None if None in truths else not decisive
    if isinstance(condition, NullTest):
        return (_value(condition.operand, row) is None) != condition.negated
    if any(_value(operand, row) is None for operand in operands_of(condition)):
        return None
    return _is_met(condition, row)


def _is_met(condition: Comparison | Membership | Range, row: Mapping[str, object]) -> bool:
    """Whether a condition holds none of whose operands is null."""
    match condition:
        case Membership(operand, values, negated):
            found = any(_compared("=", _value(operand, row), value.value) for value in values)
            return found != negated
        case Range(operand, low, high, negated):
            value = _value(operand, row)
            inside = _compared(">=", value, _value(low, row)) and _compared(
                "<=", value, _value(high, row)
            )
            return inside != negated
        case Comparison(left, sign, right):
            return _compared(sign, _value(left, row), _value(right, row))


def _value(operand: Operand, row: Mapping[str, object]) -> object:
    return row[operand.name] if isinstance(operand, ColumnName) else operand.value


def _compared(sign: str, left: object, right: object) -> bool:
    if isinstance(right, str):
        right = parsed(left, right)
    if isinstance(left, str):
        left = parsed(right, left)
    if type(left) is not type(right):
        left, right = str(left), str(right)
    return bool(_OPERATORS[sign](left, right))


def parsed(like: object, text: str) -> object:
    """`text` as a value of the type of `like`; as it is where it is none."""
    try:
        if isinstance(like, dt.datetime):
            moment = dt.datetime.fromisoformat(text)
            return moment.replace(tzinfo=moment.tzinfo or dt.UTC)
        if isinstance(like, dt.date | dt.time):
            return type(like).fromisoformat(text)
    except ValueError:
        return text
    return text
