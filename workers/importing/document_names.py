"""Names of a database as names of a document: kept where they are legal, else the nearest."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

from common.document import names
from workers import naming

_NOT_COLUMN: Final = re.compile(r"[^A-Za-z0-9_]+")


def table_name(name: str, taken: Collection[str]) -> str:
    """A legal name for a table that is not `taken`."""
    candidate = name
    if names.table_fault(candidate) is not None:
        candidate = naming.snake_case(name)
        if candidate[0].isdigit():
            candidate = f"table_{candidate}"
        candidate = names.fitting(candidate)
        if names.table_fault(candidate) is not None:
            candidate = f"table_{candidate}"  # a name that tools underneath keep for themselves
    return _free(candidate, taken)


def column_name(name: str, taken: Collection[str]) -> str:
    """A legal name for a column; `taken` are those before it, in lower case."""
    candidate = name
    if not names.COLUMN_NAME.fullmatch(name):
        candidate = _NOT_COLUMN.sub("_", naming.plain(name)).strip("_") or "column"
        if candidate[0].isdigit():
            candidate = f"column_{candidate}"
    candidate = names.fitting(candidate)
    return _free(candidate, taken)


def class_name(table: str, taken: Collection[str]) -> str:
    """A class for a table of this (legal) name: `OrderLine` for `order_lines`."""
    candidate = naming.pascal_case(names.singular(table))
    candidate = candidate if candidate[0].isalpha() else f"Table{candidate}"
    if names.class_fault(candidate) is not None or candidate in taken:
        whole = naming.pascal_case(table)
        candidate = whole if whole[0].isalpha() else f"Table{whole}"
    if names.class_fault(candidate) is not None:
        candidate = f"{candidate}Row"
    return names.free_name((candidate,), lambda wanted: wanted not in taken)


def project_name(name: str) -> str:
    """A legal name for a project."""
    words = re.findall(r"[A-Za-z0-9_-]+", name)
    plain = "-".join(words)[: names.MAX_PROJECT_NAME]
    return plain if names.PROJECT_NAME.fullmatch(plain) else "imported"


def _free(candidate: str, taken: Collection[str]) -> str:
    if candidate.lower() not in taken:
        return candidate
    numbered: Iterable[str] = (names.fitting(f"{candidate[:50]}_{n}") for n in range(2, 10_000))
    return next(name for name in numbered if name.lower() not in taken)
