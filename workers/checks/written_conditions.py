"""Conditions as PostgreSQL and MySQL write them down, read into the form of the document's own.

They come back with casts, parentheses and words of its choice: `(a = ANY (ARRAY[1, 2]))`. What
`backbone import` reads is much the same, and read apart from this on purpose: there, anybody's SQL
is to be understood, here only what our own conditions become, and no more lenient than that.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from common.document.conditions import (
    ColumnName,
    Comparison,
    Condition,
    ConditionError,
    Junction,
    Literal,
    Membership,
    Not,
    NullTest,
    Operand,
    Range,
)

_OPERATORS: Final = {"EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
_DIALECTS: Final = {"postgresql": "postgres", "mysql": "mysql"}


def read_condition(text: str, engine: str) -> Condition:
    """What a condition says; ConditionError where the grammar of documents has no words for it."""
    try:
        return _condition(sqlglot.parse_one(text, dialect=_DIALECTS[engine]))
    except SqlglotError:
        raise ConditionError("can't be read", 0) from None


def _condition(node: exp.Expr) -> Condition:
    node = _bare(node)
    negated = bool(node.args.get("negate"))
    match node:
        case exp.And() | exp.Or():
            parts = (_condition(node.this), _condition(node.expression))
            return Junction("and" if isinstance(node, exp.And) else "or", parts)
        case exp.Not():
            return Not(_condition(node.this))
        case exp.Is() if isinstance(node.expression, exp.Null):
            return NullTest(_operand(node.this), negated)
        case exp.Between():
            low, high = _operand(node.args["low"]), _operand(node.args["high"])
            return Range(_operand(node.this), low, high, negated)
        case exp.In():
            return Membership(_operand(node.this), _values(node.expressions), negated)
    return _comparison(node)


def _comparison(node: exp.Expr) -> Condition:
    name = type(node).__name__
    if name not in _OPERATORS:
        raise ConditionError(f"has no word for {name}", 0)
    other = _bare(node.expression)
    match name, other:
        # PostgreSQL says `= ANY (ARRAY[…])` for `in`, and `<> ALL (ARRAY[…])` for `not in`
        case "EQ", exp.Any(this=listed):
            return Membership(_operand(node.this), _listed(listed), negated=False)
        case "NEQ", exp.Anonymous(this="ALL", expressions=[listed]):
            return Membership(_operand(node.this), _listed(listed), negated=True)
    return Comparison(_operand(node.this), _OPERATORS[name], _operand(other))


def _listed(node: exp.Expr) -> tuple[Literal, ...]:
    array = _bare(node)
    if not isinstance(array, exp.Array):
        raise ConditionError("compares with a list", 0)
    return _values(array.expressions)


def _values(nodes: list[exp.Expr]) -> tuple[Literal, ...]:
    values = [_operand(node) for node in nodes]
    literals = tuple(value for value in values if isinstance(value, Literal))
    if len(literals) != len(values):
        raise ConditionError("lists what is no value", 0)
    return literals


def _operand(node: exp.Expr) -> Operand:
    node = _bare(node)
    match node:
        case exp.Column():
            return ColumnName(node.name)
        case exp.Boolean():
            return Literal(bool(node.this))
        case exp.Neg():
            inner = _operand(node.this)
            if isinstance(inner, Literal) and isinstance(inner.value, Decimal):
                return Literal(-inner.value)
        case exp.Literal():
            return Literal(node.name if node.is_string else Decimal(node.name))
    raise ConditionError(f"has no word for {type(node).__name__}", 0)


def _bare(node: exp.Expr) -> exp.Expr:
    """What is in parentheses, casts and names of character sets."""
    while isinstance(node, exp.Paren | exp.Cast | exp.Introducer | exp.Collate):
        node = node.expression if isinstance(node, exp.Introducer) else node.this
    return node
