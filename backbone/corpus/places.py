"""Where a document is wrong, found by the words of a list of expectations and nothing of ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

Document = dict[str, Any]

_MOST_COLUMNS: Final = 100
_MOST_RELATIONSHIPS: Final = 50


def wrong_places(document: Document, kinds: str) -> list[str]:
    """Pointers to each place that is wrong in one of these ways; empty where none is known.

    A document over a limit is not read any further, so only those places can be pointed at then.
    """
    limits: list[str] = []
    if "over 100 columns" in kinds:
        limits += _crowded(document, "columns", _MOST_COLUMNS)
    if "over 50 relationships" in kinds:
        limits += _crowded(document, "relationships", _MOST_RELATIONSHIPS)
    if limits:
        return limits
    places: list[str] = []
    if "no primary key" in kinds:
        places += _keyless(document)
    if "neither key nor unique" in kinds:
        places += _loose_targets(document)
    return places


def near(pointer: str, place: str) -> bool:
    """Whether a pointer is a place, what is directly in it, or what it is directly in."""
    return pointer in {place, _parent(place)} or (_parent(pointer) == place and pointer != "")


def _parent(pointer: str) -> str:
    return pointer.rpartition("/")[0]


def missed(pointers: Sequence[str], places: Iterable[str]) -> list[str]:
    """The places that no pointer leads to."""
    return [place for place in places if not any(near(pointer, place) for pointer in pointers)]


def _tables(document: Document) -> Iterator[tuple[str, Document]]:
    for number, table in enumerate(document["schema"]):
        yield f"/schema/{number}", table


def _keyless(document: Document) -> list[str]:
    return [
        pointer
        for pointer, table in _tables(document)
        if not any(column.get("primary_key") for column in table["columns"])
    ]


def _crowded(document: Document, member: str, most: int) -> list[str]:
    return [
        f"{pointer}/{member}"
        for pointer, table in _tables(document)
        if len(table.get(member, [])) > most
    ]


def _loose_targets(document: Document) -> list[str]:
    """Foreign keys to columns that are neither a key alone nor unique alone."""
    keys = set()
    for _, table in _tables(document):
        primary = [column for column in table["columns"] if column.get("primary_key")]
        single = {column["name"] for column in table["columns"] if column.get("unique")}
        single |= {columns[0] for columns in table.get("unique", []) if len(columns) == 1}
        single |= {primary[0]["name"]} if len(primary) == 1 else set()
        keys |= {f"{table['table_name']}.{name}" for name in single}
    return [
        f"{pointer}/columns/{number}"
        for pointer, table in _tables(document)
        for number, column in enumerate(table["columns"])
        if column.get("target") and column["target"] not in keys
    ]
