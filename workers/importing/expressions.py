"""Expressions of SQL: what a default is as a value, what a condition is in the small grammar."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from common.document.resolved import DbType
from workers.importing.default_values import UnsayableError, json_value

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # what it can't read is noted here

DIALECTS: Final[dict[DbType, str]] = {
    "postgresql": "postgres",
    "mysql": "mysql",
    "sqlite": "sqlite",
    "mssql": "tsql",
}
"""What sqlglot calls them."""
_TEXT_TYPES: Final = frozenset({"TEXT", "VARCHAR", "CHAR", "BPCHAR", "NVARCHAR", "USERDEFINED"})
_WORDS: Final = frozenset(
    {"and", "or", "not", "in", "between", "is", "null", "true", "false"}
)  # of the grammar of conditions
_SIGNS: Final[dict[type[exp.Expression], str]] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
}


@dataclass(frozen=True, slots=True)
class Present:
    """The moment at which a row is made."""


@dataclass(frozen=True, slots=True)
class Counter:
    """The next number of a sequence."""


@dataclass(frozen=True, slots=True)
class FreshUuid:
    """A new UUID."""


@dataclass(frozen=True, slots=True)
class Value:
    """A literal: text, digits, true, false or (None) null."""

    content: str | bool | None
    is_text: bool = False


Default = Present | Counter | FreshUuid | Value


def parse(sql: str, db_type: DbType) -> exp.Expression:
    """Parse one expression; UnsayableError for what can't be read."""
    try:
        parsed = sqlglot.parse_one(sql, dialect=DIALECTS[db_type])
    except SqlglotError:
        raise UnsayableError from None
    if not isinstance(parsed, exp.Expression) or isinstance(parsed, exp.Command):
        raise UnsayableError
    return parsed


def read_default(sql: str, db_type: DbType) -> Default:
    """What a default is; UnsayableError if it is a computation."""
    if db_type == "sqlite" and sql.startswith('"') and sql.endswith('"'):
        return Value(sql[1:-1].replace('""', '"'), is_text=True)  # what no column is called
    found = _bare(parse(sql, db_type))
    name = found.sql(dialect=DIALECTS[db_type]).upper().replace("()", "")
    if isinstance(found, exp.CurrentTimestamp) or name in _PRESENT:
        return Present()
    if name.startswith("NEXTVAL("):
        return Counter()
    if isinstance(found, exp.Uuid) or name in _FRESH_UUID:
        return FreshUuid()
    return _value(found)


_PRESENT: Final = frozenset(
    {
        "CURRENT_TIMESTAMP",
        "NOW",
        "LOCALTIMESTAMP",
        "STATEMENT_TIMESTAMP",
        "TRANSACTION_TIMESTAMP",
        "CLOCK_TIMESTAMP",
        "DATETIME('NOW')",
        "GETDATE",
        "SYSDATETIME",
        "GETUTCDATE",
        "SYSUTCDATETIME",
    }
)
_FRESH_UUID: Final = frozenset(
    {"UUID_GENERATE_V4", "GEN_RANDOM_UUID", "PUBLIC.UUID_GENERATE_V4", "NEWID", "UUID"}
)


def _bare(found: exp.Expression) -> exp.Expression:
    """An expression without parentheses and casts around it."""
    while isinstance(found, exp.Paren | exp.Cast | exp.Introducer):
        inner = found.expression if isinstance(found, exp.Introducer) else found.this
        found = inner
    if isinstance(found, exp.National):
        return exp.Literal.string(found.name)
    return found


def _value(found: exp.Expression) -> Value:
    found = _bare(found)
    if isinstance(found, exp.Null):
        return Value(None)
    if isinstance(found, exp.Boolean):
        return Value(bool(found.this))
    if isinstance(found, exp.Neg):
        inner = _value(found.this)
        if isinstance(inner.content, str) and not inner.is_text:
            return Value(f"-{inner.content}")
    if isinstance(found, exp.BitString):
        return Value(str(int(found.name, 2)))
    if isinstance(found, exp.Literal):
        return Value(str(found.this), is_text=bool(found.is_string))
    if (
        isinstance(found, exp.Column)
        and not found.table
        and found.name.upper() in {"TRUE", "FALSE"}
    ):
        return Value(found.name.upper() == "TRUE")
    raise UnsayableError


def write_condition(
    sql: str, db_type: DbType, names: Mapping[str, str], words: Mapping[str, str]
) -> str:
    """A condition in the grammar of documents; UnsayableError if that has no words for it.

    `names` are the columns' names in the document by those in the database, `words` their types by
    the former.
    """
    return _Writer(db_type, names, words).condition(parse(sql, db_type), top=True)


def only_listed(sql: str, db_type: DbType) -> tuple[str, tuple[str, ...]] | None:
    """The column and the texts of a condition that is nothing but `column IN ('a', 'b')`."""
    try:
        found = _bare(parse(sql, db_type))
    except UnsayableError:
        return None
    if not isinstance(found, exp.In) or not isinstance(_bare(found.this), exp.Column):
        return None
    values = [_bare(value) for value in found.expressions]
    if not values or not all(isinstance(v, exp.Literal) and v.is_string for v in values):
        return None
    return _bare(found.this).name, tuple(str(value.this) for value in values)


def json_tested(sql: str, db_type: DbType) -> str | None:
    """The column of a condition that is nothing but `json_valid(column)`."""
    try:
        found = _bare(parse(sql, db_type))
    except UnsayableError:
        return None
    if not isinstance(found, exp.Anonymous) or str(found.this).lower() != "json_valid":
        return None
    inner = found.expressions[0] if found.expressions else None
    return inner.name if isinstance(inner, exp.Column) else None


class _Writer:
    def __init__(self, db_type: DbType, names: Mapping[str, str], words: Mapping[str, str]) -> None:
        fold: Callable[[str], str] = str if db_type == "postgresql" else str.lower
        self._names = {fold(name): said for name, said in names.items()}
        self._fold = fold
        self._words = words

    def condition(self, found: exp.Expression, *, top: bool = False) -> str:
        if isinstance(found, exp.Paren):
            return self.condition(found.this, top=top)
        if isinstance(found, exp.And | exp.Or):
            word = "and" if isinstance(found, exp.And) else "or"
            joined = f" {word} ".join(self.condition(part) for part in self._flat(found))
            return joined if top else f"({joined})"
        if isinstance(found, exp.Not):
            return self._negated(found.this)
        return self._predicate(found)

    def _flat(self, found: exp.Expression) -> list[exp.Expression]:
        """The parts of a chain of the same word, from left to right."""
        parts: list[exp.Expression] = []
        for part in (found.this, found.expression):
            inner = part
            while isinstance(inner, exp.Paren):
                inner = inner.this
            parts += self._flat(inner) if type(inner) is type(found) else [part]
        return parts

    def _negated(self, found: exp.Expression) -> str:
        while isinstance(found, exp.Paren):
            found = found.this
        if isinstance(found, exp.Is | exp.In | exp.Between):
            said = self._predicate(found)
            plain = {exp.Is: " is ", exp.In: " in (", exp.Between: " between "}[type(found)]
            negated = {exp.Is: " is not ", exp.In: " not in (", exp.Between: " not between "}
            if said.count(plain) == 1 and not found.args.get("negate"):
                return said.replace(plain, negated[type(found)])
        if isinstance(found, exp.Column):
            return f"{self._column(found, boolean=True)} = false"
        return f"not ({self.condition(found, top=True)})"

    def _predicate(self, found: exp.Expression) -> str:
        sign = _SIGNS.get(type(found))
        if sign is not None:
            return self._comparison(found, sign)
        extra = {name for name, value in found.args.items() if value} - _UNDERSTOOD
        if extra:
            raise UnsayableError  # SYMMETRIC, a subquery, whatever may come
        if isinstance(found, exp.Is) and isinstance(found.expression, exp.Null):
            negated = "not " if found.args.get("negate") else ""
            return f"{self._column(found.this)} is {negated}null"
        if isinstance(found, exp.Is) and isinstance(found.expression, exp.Boolean):
            raise UnsayableError  # null is not false there
        if isinstance(found, exp.In) and found.expressions:
            return self._membership(found.this, found.expressions)
        if isinstance(found, exp.Between):
            column, kind = self._subject(found.this)
            low, high = (
                self._operand(found.args["low"], kind),
                self._operand(found.args["high"], kind),
            )
            return f"{column} between {low} and {high}"
        if isinstance(found, exp.Column):
            return f"{self._column(found, boolean=True)} = true"
        raise UnsayableError

    def _membership(self, subject: exp.Expression, values: list[exp.Expression]) -> str:
        column, kind = self._subject(subject)
        return f"{column} in ({', '.join(self._literal(value, kind) for value in values)})"

    def _comparison(self, found: exp.Expression, sign: str) -> str:
        left, right = found.this, found.expression
        listed = _listed(right)
        if listed is not None:
            # PostgreSQL's way of writing IN and NOT IN
            if isinstance(right, exp.Any) and sign == "=":
                return self._membership(left, listed)
            if not isinstance(right, exp.Any) and sign == "<>":
                return self._membership(left, listed).replace(" in (", " not in (", 1)
            raise UnsayableError
        subject = left if self._is_column(left) else right
        _, kind = self._subject(subject)
        return f"{self._operand(left, kind)} {sign} {self._operand(right, kind)}"

    def _is_column(self, found: exp.Expression) -> bool:
        return isinstance(self._uncast(found), exp.Column)

    def _subject(self, found: exp.Expression) -> tuple[str, str]:
        """A column as it is written, and its type."""
        written = self._column(found)
        return written, self._words[written.strip('"')]

    def _operand(self, found: exp.Expression, kind: str) -> str:
        return self._column(found) if self._is_column(found) else self._literal(found, kind)

    def _uncast(self, found: exp.Expression) -> exp.Expression:
        """A column without casts that change nothing."""
        while isinstance(found, exp.Paren) or (
            isinstance(found, exp.Cast) and found.to.this.name in _TEXT_TYPES
        ):
            found = found.this
        return found

    def _column(self, found: exp.Expression, *, boolean: bool = False) -> str:
        cast = isinstance(found, exp.Cast)
        found = self._uncast(found)
        if not isinstance(found, exp.Column):
            raise UnsayableError
        name = self._names.get(self._fold(found.name))
        if name is None:
            raise UnsayableError
        kind = self._words[name]
        if (boolean and kind != "Boolean") or (cast and kind not in {"String", "Text", "Enum"}):
            raise UnsayableError
        return f'"{name}"' if name.lower() in _WORDS else name

    def _literal(self, found: exp.Expression, kind: str) -> str:
        value = _value(found)
        if value.content is None:
            raise UnsayableError
        if isinstance(value.content, bool):
            return "true" if value.content else "false"
        if kind == "Boolean" and value.content in {"0", "1"}:
            return "true" if value.content == "1" else "false"
        if kind in _NUMBERS:
            return value.content
        if not value.is_text:
            raise UnsayableError
        text = value.content
        if kind in _WRITTEN_ANEW:
            text = str(json_value(value.content, kind))
        return "'" + text.replace("'", "''") + "'"


_WRITTEN_ANEW: Final = frozenset({"DateTime", "Date", "Time", "UUID"})
"""Types that each database writes down in its own form."""
_UNDERSTOOD: Final = frozenset({"this", "expression", "expressions", "low", "high", "negate"})
_NUMBERS: Final = frozenset({"Integer", "BigInteger", "SmallInteger", "Numeric", "Float"})


def _listed(found: exp.Expression) -> list[exp.Expression] | None:
    """The values of `ANY (ARRAY[…])` and `ALL (ARRAY[…])`."""
    if isinstance(found, exp.Anonymous) and str(found.this).upper() == "ALL":
        inner = _bare(found.expressions[0])
    elif isinstance(found, exp.Any | exp.All):
        inner = _bare(found.this)
    else:
        return None
    return list(inner.expressions) if isinstance(inner, exp.Array) else []
