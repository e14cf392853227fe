"""Conditions of check constraints: whether the one in a database is the one in a document.

A database writes a condition in its own way: other quotes, `NOT (a = 1)` as `a <> 1`, its own form
of dates. Both are therefore parsed and compared by their meaning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

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
    columns_of,
    parse_condition,
)
from workers.checks.default_values import same_value

_NEGATED: Final = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_TURNED: Final = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_OTHER_WORD: Final = {"and": "or", "or": "and"}
_SPACE: Final = re.compile(r"\s+")


def same_condition(
    wanted: str, found: str, types: Mapping[str, str], engine: str = "sqlite"
) -> bool:
    """Whether two conditions say the same; `types` are the columns' types in the document.

    `found` is as `engine` writes it.
    """
    try:
        kept = parse_condition(found) if engine == "sqlite" else _read(found, engine)
        return _Meaning(types).same(_plain(parse_condition(wanted)), _plain(kept))
    except ConditionError:
        # The database may say things that the grammar of documents has no words for
        return one_line(wanted) == one_line(found)


def _read(found: str, engine: str) -> Condition:
    # It takes a third of a second to import, and most documents have no condition
    from workers.checks.written_conditions import read_condition  # noqa: PLC0415

    return read_condition(found, engine)


def one_line(text: str) -> str:
    """A condition as it is shown."""
    return _SPACE.sub(" ", text.strip())


@dataclass(frozen=True)
class _Meaning:
    types: Mapping[str, str]

    def same(self, wanted: Condition, found: Condition) -> bool:
        match wanted, found:
            case Junction(), Junction():
                return (
                    wanted.word == found.word
                    and len(wanted.conditions) == len(found.conditions)
                    and all(map(self.same, wanted.conditions, found.conditions))
                )
            case Comparison(), Comparison():
                kind = self._kind(wanted)
                return (
                    wanted.operator == found.operator
                    and self._operand(wanted.left, found.left, kind)
                    and self._operand(wanted.right, found.right, kind)
                )
            case Membership(), Membership():
                kind = self._kind(wanted)
                return (
                    wanted.negated == found.negated
                    and self._operand(wanted.operand, found.operand, kind)
                    and len(wanted.values) == len(found.values)
                    and all(
                        self._operand(meant, kept, kind)
                        for meant, kept in zip(wanted.values, found.values, strict=True)
                    )
                )
        return wanted == found

    def _operand(self, wanted: Operand, found: Operand, kind: str) -> bool:
        if isinstance(wanted, Literal) and isinstance(found, Literal):
            return same_value(kind, wanted.value, str(found.value))
        return wanted == found

    def _kind(self, predicate: Comparison | Membership | Range) -> str:
        """The type of the first column: what the values beside it are to be read as."""
        return self.types.get(next(columns_of(predicate)), "String")


def _plain(condition: Condition, *, negate: bool = False) -> Condition:
    """The same condition without `not`, junctions flat, comparisons with the column on the left."""
    match condition:
        case Not(inner):
            return _plain(inner, negate=not negate)
        case Junction(word, conditions):
            word = _OTHER_WORD[word] if negate else word
            parts: list[Condition] = []
            for part in conditions:
                plain = _plain(part, negate=negate)
                nested = isinstance(plain, Junction) and plain.word == word
                parts += plain.conditions if nested and isinstance(plain, Junction) else (plain,)
            return Junction(word, tuple(parts))
        case Comparison(left, operator, right):
            operator = _NEGATED[operator] if negate else operator
            if _rank(left) > _rank(right):
                return Comparison(right, _TURNED[operator], left)
            return Comparison(left, operator, right)
        case Range() | Membership(values=(_,)):
            return _plain(_compared(condition), negate=condition.negated ^ negate)
        case Membership() | NullTest():
            return replace(condition, negated=condition.negated ^ negate)


def _compared(condition: Range | Membership) -> Condition:
    """A range, or a list of one value, as PostgreSQL writes it; negated or not."""
    operand = condition.operand
    if isinstance(condition, Membership):
        return Comparison(operand, "=", condition.values[0])
    low = Comparison(operand, ">=", condition.low)
    return Junction("and", (low, Comparison(operand, "<=", condition.high)))


def _rank(operand: Operand) -> tuple[bool, str]:
    return isinstance(operand, Literal), operand.name if isinstance(operand, ColumnName) else ""
