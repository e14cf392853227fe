"""The small grammar of `checks`: conditions on one row that mean the same in every database.

    condition  = all ( "or" all )*
    all        = single ( "and" single )*
    single     = "not" single | "(" condition ")" | predicate
    predicate  = operand ( "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=" ) operand
               | operand [ "not" ] "in" "(" literal ( "," literal )* ")"
               | operand [ "not" ] "between" operand "and" operand
               | operand "is" [ "not" ] "null"
    operand    = column | literal
    column     = letters, digits and "_" | the same in double quotes (for columns named like a word)
    literal    = 12 | -0.5 | 'text, with '' for a quote' | true | false

Words are recognised in any case. There are no functions, no arithmetic and no subqueries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from common.document.pointers import shorten

MAX_DEPTH = 20
MAX_PREDICATES = 50


class ConditionError(Exception):
    """A condition that the grammar doesn't have; `position` counts characters from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


@dataclass(frozen=True, slots=True)
class ColumnName:
    """The value of a column of the row."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the condition itself."""

    value: str | Decimal | bool


Operand = ColumnName | Literal


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left operator right`; the operator is one of `= <> < <= > >=`."""

    left: Operand
    operator: str
    right: Operand


@dataclass(frozen=True, slots=True)
class Membership:
    """`operand [not] in (values)`."""

    operand: Operand
    values: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Range:
    """`operand [not] between low and high`, both ends included."""

    operand: Operand
    low: Operand
    high: Operand
    negated: bool


@dataclass(frozen=True, slots=True)
class NullTest:
    """`operand is [not] null`."""

    operand: Operand
    negated: bool


@dataclass(frozen=True, slots=True)
class Not:
    """`not condition`."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Junction:
    """Two or more conditions that must hold all (`and`) or of which one must hold (`or`)."""

    word: str
    conditions: tuple[Condition, ...]


Predicate = Comparison | Membership | Range | NullTest
Condition = Predicate | Not | Junction

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
      | (?P<text>'(?:[^']|'')*')
      | (?P<quoted>"[A-Za-z_][A-Za-z0-9_]*")
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign><=|>=|<>|!=|==|[=<>(),])
    )""",
    re.VERBOSE | re.ASCII,
)
_OPERATORS = {
    "=": "=",
    "==": "=",
    "!=": "<>",
    "<>": "<>",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
_WORDS = {"and", "or", "not", "in", "between", "is", "null", "true", "false"}


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    end = len(text.rstrip())
    while position < end:
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            raise ConditionError(f"{text[start]!r} has no meaning here", start)
        kind, word = found.lastgroup, found[found.lastgroup]
        if kind == "word" and word.lower() in _WORDS:
            kind, word = word.lower(), word.lower()
        yield _Token(kind, word, found.start(found.lastgroup))
        position = found.end()
    yield _Token("end", "", end)


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.next = 0
        self.depth = 0
        self.predicates = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.next]

    def take(self, *kinds: str) -> _Token | None:
        token = self.token
        if token.kind in kinds or (token.kind == "sign" and token.text in kinds):
            self.next += 1
            return token
        return None

    def expect(self, kind: str, wanted: str) -> _Token:
        token = self.take(kind)
        if token is None:
            raise self.unexpected(wanted)
        return token

    def unexpected(self, wanted: str) -> ConditionError:
        token = self.token
        seen = "the end" if token.kind == "end" else repr(shorten(token.text, 40))
        return ConditionError(f"expected {wanted}, not {seen}", token.position)

    def condition(self) -> Condition:
        return self.junction("or", lambda: self.junction("and", self.single))

    def junction(self, word: str, part: Callable[[], Condition]) -> Condition:
        parts = [part()]
        while self.take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Junction(word, tuple(parts))

    def single(self) -> Condition:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ConditionError(f"nests deeper than {MAX_DEPTH} levels", self.token.position)
        try:
            if self.take("not"):
                return Not(self.single())
            if self.take("("):
                inner = self.condition()
                self.expect(")", "')'")
                return inner
            return self.predicate()
        finally:
            self.depth -= 1

    def predicate(self) -> Predicate:
        start = self.token
        self.predicates += 1
        if self.predicates > MAX_PREDICATES:
            raise ConditionError(f"has more than {MAX_PREDICATES} comparisons", start.position)
        operand = self.operand()
        made = self.rest(operand)
        if not any(columns_of(made)):
            raise ConditionError("compares no column", start.position)
        return made

    def rest(self, operand: Operand) -> Predicate:
        if self.take("is"):
            negated = self.take("not") is not None
            self.expect("null", "'null'")
            return NullTest(operand, negated)
        negated = self.take("not") is not None
        if self.take("in"):
            self.expect("(", "'('")
            values = [self.literal()]
            while self.take(","):
                values.append(self.literal())
            self.expect(")", "',' or ')'")
            return Membership(operand, tuple(values), negated)
        if self.take("between"):
            low = self.operand()
            self.expect("and", "'and'")
            return Range(operand, low, self.operand(), negated)
        sign = None if negated else self.take(*_OPERATORS)
        if sign is None:
            raise self.unexpected("'in' or 'between'" if negated else "a comparison")
        return Comparison(operand, _OPERATORS[sign.text], self.operand())

    def operand(self) -> Operand:
        token = self.take("word", "quoted")
        if token is not None:
            return ColumnName(token.text.strip('"'))
        return self.literal()

    def literal(self) -> Literal:
        token = self.take("number", "text", "true", "false")
        if token is None:
            raise self.unexpected("a value")
        if token.kind == "number":
            return Literal(Decimal(token.text))
        if token.kind == "text":
            return Literal(token.text[1:-1].replace("''", "'"))
        return Literal(token.kind == "true")


def parse_condition(text: str) -> Condition:
    """What `text` says; raises ConditionError with the position of the first thing wrong."""
    parser = _Parser(text)
    condition = parser.condition()
    if parser.token.kind != "end":
        raise parser.unexpected("'and', 'or' or the end")
    return condition


def predicates_of(condition: Condition) -> Iterator[Predicate]:
    """All comparisons and tests within `condition`, from left to right."""
    if isinstance(condition, Not):
        yield from predicates_of(condition.condition)
    elif isinstance(condition, Junction):
        for part in condition.conditions:
            yield from predicates_of(part)
    else:
        yield condition


def operands_of(predicate: Predicate) -> tuple[Operand, ...]:
    """All operands of `predicate`, from left to right."""
    match predicate:
        case Comparison(left, _, right):
            return left, right
        case Membership(operand, values, _):
            return operand, *values
        case Range(operand, low, high, _):
            return operand, low, high
        case NullTest(operand, _):
            return (operand,)


def columns_of(condition: Condition) -> Iterator[str]:
    """Names of the columns in `condition`, from left to right; a name may come twice."""
    for predicate in predicates_of(condition):
        for operand in operands_of(predicate):
            if isinstance(operand, ColumnName):
                yield operand.name
