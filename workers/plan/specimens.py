"""Valid values of columns, for the rows that a project's own tests make.

A specimen is Python source in which `number` counts the rows of the table (from 1; 0 is never used,
so that it stands for a row that does not exist). The functions that it calls are those of the
project's `tests/samples.py`.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from common.document.conditions import (
    Condition,
    Literal,
    columns_of,
    operands_of,
    parse_condition,
    predicates_of,
)
from common.document.resolved import ColumnType
from workers.literals import literal
from workers.plan.condition_truth import parsed, truth
from workers.plan.ir import CheckPlan, ColumnPlan

ENDLESS: Final = 1_000_000
"""More rows than any test makes."""
_TRIED: Final = (*range(1, 61), 500)
"""Rows for which a specimen has to meet the checks before it is taken."""
_MAX_COMBINATIONS: Final = 20_000
_MANY: Final = 10_000
"""Numbers that tests stay below."""
_DAY: Final = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
_NUMBERS: Final = {
    ColumnType.INTEGER,
    ColumnType.BIG_INTEGER,
    ColumnType.SMALL_INTEGER,
    ColumnType.NUMERIC,
    ColumnType.FLOAT,
}
_LATER: Final = _NUMBERS - {ColumnType.NUMERIC} | {
    ColumnType.DATE,
    ColumnType.DATETIME,
    ColumnType.TIME,
    ColumnType.INTERVAL,
}
_UNITS: Final = {
    ColumnType.DATE: dt.timedelta(days=1),
    ColumnType.DATETIME: dt.timedelta(minutes=1),
    ColumnType.TIME: dt.timedelta(seconds=1),
}
_TEXTS: Final = {ColumnType.STRING, ColumnType.TEXT}
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_OPEN_PLACES: Final = 10


@dataclass(frozen=True, slots=True)
class Specimen:
    """How a column's values are made."""

    source: Callable[[str], str]
    """From the expression of a number to that of the JSON value."""
    value: Callable[[int], object]
    """From a number to the value as conditions compare it."""
    period: int
    """How many rows one after another have different values."""
    rising: bool
    """Whether each row's value lies above that of the row before."""


def specimens(columns: Sequence[ColumnPlan], checks: Sequence[CheckPlan]) -> dict[str, Specimen]:
    """A specimen for each column by name, such that rows meet all checks if any choice does."""
    chosen = {column.name: usual_specimen(column) for column in columns}
    conditions = [parse_condition(check.text) for check in checks]
    if all(_always(condition, chosen) for condition in conditions):
        return chosen
    involved = {name for condition in conditions for name in columns_of(condition)}
    names = [column for column in columns if column.name in involved]
    joint = [condition for condition in conditions if len(set(columns_of(condition))) > 1]
    tied = {name for condition in joint for name in columns_of(condition)}
    # Of a column that is in no joint condition, the first that fits is as good as any
    choices = [
        fitting if column.name in tied else fitting[:1]
        for column in names
        for fitting in [_fitting_alone(column, conditions)]
    ]
    for combination in itertools.islice(itertools.product(*choices), _MAX_COMBINATIONS):
        tried = chosen | {c.name: s for c, s in zip(names, combination, strict=True)}
        if all(_always(condition, tried) for condition in joint):
            return tried
    return chosen


def usual_specimen(column: ColumnPlan) -> Specimen:
    """The specimen of a column that no check is about."""
    if column.enum:
        return _cycle([member.value for member in column.enum.members], column)
    match column.type:
        case ColumnType.STRING | ColumnType.TEXT:
            return _text(column)
        case ColumnType.NUMERIC:
            return _decimal(column)
        case ColumnType.LARGE_BINARY:
            length = min(column.length or 4, 4)
            return Specimen(lambda n: f"binary({n}, {length})", str, 256**length, rising=False)
        case _:
            return _USUAL[column.type]


def _plain(function: str, value: Callable[[int], object], *, rising: bool) -> Specimen:
    return Specimen(lambda n: f"{function}({n})", value, ENDLESS, rising=rising)


_COUNTED: Final = Specimen(lambda n: n, Decimal, ENDLESS, rising=True)
_USUAL: Final = {
    ColumnType.INTEGER: _COUNTED,
    ColumnType.BIG_INTEGER: _COUNTED,
    ColumnType.SMALL_INTEGER: _COUNTED,
    ColumnType.BOOLEAN: Specimen(lambda n: f"{n} % 2 == 1", lambda n: n % 2 == 1, 2, rising=False),
    ColumnType.FLOAT: Specimen(
        lambda n: f"{n} + 0.5", lambda n: n + Decimal("0.5"), ENDLESS, rising=True
    ),
    ColumnType.DATE: _plain("date", lambda n: (_DAY + dt.timedelta(days=n)).date(), rising=True),
    ColumnType.DATETIME: _plain("moment", lambda n: _DAY + dt.timedelta(minutes=n), rising=True),
    ColumnType.TIME: _plain(
        "clock", lambda n: (_DAY + dt.timedelta(seconds=n)).time(), rising=True
    ),
    ColumnType.INTERVAL: _plain("days", str, rising=True),
    ColumnType.JSON: _plain("anything", str, rising=False),
    ColumnType.UUID: _plain("uuid", lambda n: f"{n:032x}", rising=False),
}


def _cycle(values: Sequence[object], column: ColumnPlan) -> Specimen:
    listed = literal([json_value(value, column) for value in values])
    if len(values) == 1:
        only = literal(json_value(values[0], column))
        return Specimen(lambda _: only, lambda _: values[0], 1, rising=False)
    return Specimen(
        lambda n: f"{listed}[{n} % {len(values)}]",
        lambda n: values[n % len(values)],
        len(values),
        rising=False,
    )


def json_value(value: object, column: ColumnPlan) -> object:
    """`value` as the API shows it: a Numeric with all the places that its column has."""
    if isinstance(value, Decimal):
        if column.type is ColumnType.NUMERIC:
            return f"{value:.{_places(column)}f}"
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat().replace("+00:00", "Z")
    return value


def _text(column: ColumnPlan) -> Specimen:
    word = re.sub(r"[^a-z0-9]+", "-", column.name.lower()).strip("-") or "text"
    if column.length is None or column.length >= len(word) + 7:
        return Specimen(
            lambda n: f"text({word!r}, {n})", lambda n: f"{word}-{n}", ENDLESS, rising=False
        )
    width = min(column.length, 6)
    return Specimen(
        lambda n: f"short_text({n}, {width})",
        lambda n: _base36(n, width),
        len(_DIGITS) ** width,
        rising=False,
    )


def _base36(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits


def _places(column: ColumnPlan) -> int:
    if column.precision is None and column.scale is None:
        return _OPEN_PLACES
    return column.scale or 0


def _decimal(column: ColumnPlan) -> Specimen:
    places = _places(column)
    digits = column.precision if column.precision is not None else places + 6
    whole = min(digits - places, 6)
    if whole == 0:
        step = min(places, 6)
        return Specimen(
            lambda n: f"decimal({n}, {places}, {step})",
            lambda n: Decimal(n).scaleb(-step),
            10**step,
            rising=10**step >= _MANY,
        )
    return Specimen(
        lambda n: f"decimal({n} % {10**whole}, {places})",
        lambda n: Decimal(n % 10**whole),
        10**whole,
        rising=10**whole >= _MANY,
    )


def _fitting_alone(column: ColumnPlan, conditions: Sequence[Condition]) -> list[Specimen]:
    """The candidates that meet all conditions on nothing but their own column."""
    alone = [c for c in conditions if set(columns_of(c)) == {column.name}]
    return [
        candidate
        for candidate in _candidates(column, conditions)
        if all(_always(condition, {column.name: candidate}) for condition in alone)
    ]


def _candidates(column: ColumnPlan, conditions: Sequence[Condition]) -> Iterator[Specimen]:
    """Specimens to try where the usual one fails a check, the liveliest first."""
    yield usual_specimen(column)
    if column.type in _LATER:
        usual, later = usual_specimen(column), 1000
        yield Specimen(
            lambda n: usual.source(f"{n} + {later}"),
            lambda n: usual.value(n + later),
            usual.period,
            usual.rising,
        )
    constants = list(dict.fromkeys(_constants(column, conditions)))
    alone = [c for c in conditions if set(columns_of(c)) == {column.name}]
    fitting = [
        constant
        for constant in constants
        if all(truth(condition, {column.name: constant}) is not False for condition in alone)
    ]
    if fitting:
        yield _cycle(fitting, column)
    for constant in fitting:
        yield _cycle([constant], column)


def _constants(column: ColumnPlan, conditions: Sequence[Condition]) -> Iterator[object]:
    if column.type is ColumnType.BOOLEAN:
        yield from (True, False)
    if column.enum:
        yield from (member.value for member in column.enum.members)
    for condition in conditions:
        if column.name not in columns_of(condition):
            continue
        for predicate in predicates_of(condition):
            for operand in operands_of(predicate):
                if isinstance(operand, Literal):
                    yield from _around(column, operand.value)


def _around(column: ColumnPlan, value: str | Decimal | bool) -> Iterator[object]:
    if isinstance(value, bool):
        return
    if isinstance(value, Decimal) and column.type in _NUMBERS:
        step = Decimal(1).scaleb(-_places(column)) if column.type is ColumnType.NUMERIC else 1
        yield from (value, value + step, value - step)
    if isinstance(value, str) and column.type in _UNITS:
        yield from _moments(column, value)
    if isinstance(value, str) and column.type in _TEXTS and len(value) <= (column.length or 1000):
        yield value


def _moments(column: ColumnPlan, text: str) -> Iterator[object]:
    """The moment that `text` means, and those right after and before it."""
    moment, unit = parsed(_USUAL[column.type].value(0), text), _UNITS[column.type]
    if column.whole_seconds and isinstance(moment, dt.time | dt.datetime):
        moment = moment.replace(microsecond=0)
    if isinstance(moment, dt.time):
        day = dt.datetime.combine(_DAY, moment)
        yield from (moment, (day + unit).time(), (day - unit).time())
    elif isinstance(moment, dt.date):
        yield from (moment, moment + unit, moment - unit)


def breaking_values(
    columns: Sequence[ColumnPlan], check: CheckPlan, chosen: Mapping[str, Specimen]
) -> tuple[tuple[str, str], ...] | None:
    """Text and expression: values of all columns that the check is about, which break it."""
    condition = parse_condition(check.text)
    names = set(columns_of(condition))
    involved = [column for column in columns if column.name in names]
    if len(involved) < len(names):
        return None
    choices = [
        [
            *_breaking_choices(column, condition),
            *(
                (chosen[other.name].value(number), chosen[other.name].source(str(number)))
                for other in involved
                if other.name in chosen and _are_alike(column, other)
                for number in (1, 500)
            ),
        ]
        for column in involved
    ]
    for combination in itertools.islice(itertools.product(*choices), _MAX_COMBINATIONS):
        row = {c.name: value for c, (value, _) in zip(involved, combination, strict=True)}
        if truth(condition, row) is False:
            sources = (source for _, source in combination)
            return tuple(zip((column.name for column in involved), sources, strict=True))
    return None


def _are_alike(one: ColumnPlan, other: ColumnPlan) -> bool:
    """Whether the values of one column fit into the other."""
    fits = [(c.type, c.length, c.precision, c.scale, c.enum) for c in (one, other)]
    return fits[0] == fits[1]


def _breaking_choices(column: ColumnPlan, condition: Condition) -> Iterator[tuple[object, str]]:
    """Values to try, each with the expression of its JSON value."""
    for constant in _constants(column, [condition]):
        yield constant, literal(json_value(constant, column))
    if column.nullable:
        yield None, "None"


def meets(
    checks: Sequence[CheckPlan], chosen: Mapping[str, Specimen], given: Mapping[str, object]
) -> bool:
    """Whether rows meet all checks that have the given values instead of those of specimens.

    Given are values of JSON; columns that are neither chosen nor given are null.
    """
    conditions = [parse_condition(check.text) for check in checks]
    return all(_always(condition, chosen, given) for condition in conditions)


def _always(
    condition: Condition, chosen: Mapping[str, Specimen], given: Mapping[str, object] | None = None
) -> bool:
    """Whether rows so made meet the condition, as far as a few of them can tell."""
    told = {
        name: Decimal(str(value)) if type(value) in (int, float) else value
        for name, value in (given or {}).items()
    }
    names = set(columns_of(condition))
    return all(
        truth(
            condition,
            {name: chosen[name].value(n) if name in chosen else None for name in names} | told,
        )
        is not False
        for n in _TRIED
    )
