"""Types of what an operation takes and returns: `Integer`, `String?`, `Date[]`, `UUID[]?`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from common.document.defaults import misfit
from common.document.draft import DraftColumn
from common.document.pointers import kind_of
from common.document.resolved import ColumnType, ValueType

TYPE_NAMES: Final = tuple(
    kind.value for kind in ColumnType if kind not in {ColumnType.ENUM, ColumnType.LARGE_BINARY}
)
_WRITTEN: Final = re.compile(r"(\w+)(\[\])?(\?)?")


@dataclass(frozen=True, slots=True)
class UnknownTypeError(Exception):
    """A type that there is not; `name` is the part of it that is unknown."""

    name: str


def parse_value_type(text: str) -> ValueType:
    """The type that `text` names; UnknownTypeError for anything else."""
    found = _WRITTEN.fullmatch(text)
    if found is None or found[1] not in TYPE_NAMES:
        raise UnknownTypeError(found[1] if found else text)
    return ValueType(ColumnType(found[1]), nullable=bool(found[3]), many=bool(found[2]))


def value_misfit(value: object, kind: ValueType) -> str | None:
    """What `value` should have been to be of a type, or None if it is."""
    if value is None:
        return None if kind.nullable else "no null"
    one = DraftColumn("", "", None, kind.type)
    if not kind.many:
        return misfit(value, one)
    if not isinstance(value, list):
        return f"an array, not {kind_of(value)}"
    wrong = (complaint for item in value if (complaint := misfit(item, one)) is not None)
    complaint = next(wrong, None)
    return None if complaint is None else f"an array of which each item is {complaint}"
