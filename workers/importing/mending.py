"""Takes out of a document what the platform's own reader refuses, with a note for each."""

from __future__ import annotations

from typing import Any, Final

from common.document.limits import DocumentLimits
from common.document.read import read_document
from common.errors import Fault, RequestError
from workers.importing.source import Note

Document = dict[str, Any]
_ROUNDS: Final = 20
_LISTS: Final = frozenset({"checks", "indexes", "unique", "foreign_keys", "relationships"})
_REMOVABLE: Final = frozenset(
    {"default", "on_delete", "index", "unique", "autoincrement", "description", "length"}
)
_COLUMN_DEPTH: Final = 4
_LIST_DEPTH: Final = 4


def faults_of(document: Document, limits: DocumentLimits) -> tuple[Fault, ...]:
    """What is wrong with a document, also what is refused before it is read."""
    try:
        return read_document(document, limits).faults
    except RequestError as error:
        return error.faults or (Fault("", error.code, error.detail),)


def mend(document: Document, limits: DocumentLimits) -> list[Note]:
    """Change `document` until it is valid; what can't be mended is said as it is."""
    notes: list[Note] = []
    faults: tuple[Fault, ...] = ()
    for _ in range(_ROUNDS):
        faults = faults_of(document, limits)
        mended = [fault for fault in _from_the_end(faults) if _mend_one(document, fault, notes)]
        if not mended:
            break
    notes += (
        Note(place_of(document, fault.pointer), f"to be mended: {fault.message} [{fault.pointer}]")
        for fault in faults
    )
    return notes


def _from_the_end(faults: tuple[Fault, ...]) -> list[Fault]:
    """Later items first, so that the places of the earlier ones stay what they are."""

    def place(fault: Fault) -> list[tuple[bool, int, str]]:
        return [
            (part.isdigit(), int(part) if part.isdigit() else 0, part)
            for part in fault.pointer.split("/")
        ]

    seen: set[str] = set()
    return [
        fault
        for fault in sorted(faults, key=place, reverse=True)
        if not (fault.pointer in seen or seen.add(fault.pointer))
    ]


def _mend_one(document: Document, fault: Fault, notes: list[Note]) -> bool:
    parts = fault.pointer.split("/")[1:]
    if len(parts) < _LIST_DEPTH - 1 or parts[0] != "schema" or not parts[1].isdigit():
        return False
    table = document["schema"][int(parts[1])]
    place = place_of(document, fault.pointer)
    kind = parts[2]
    if kind == "description":
        table.pop(kind, None)
        notes.append(Note(place, f"its description is left out: {fault.message}"))
        return True
    if len(parts) < _LIST_DEPTH or not parts[3].isdigit():
        return False
    number = int(parts[3])
    if kind in _LISTS:
        if number >= len(table.get(kind, [])):
            return False
        if parts[_COLUMN_DEPTH:] == ["on_delete"] and "on_delete" in table[kind][number]:
            action = table[kind][number].pop("on_delete")
            notes.append(Note(place, f"on_delete {action} is left out: {fault.message}"))
            return True
        item = table[kind].pop(number)
        if not table[kind]:
            del table[kind]
        notes.append(Note(place, f"left out of {kind}: {_short(item)}: {fault.message}"))
        return True
    if kind != "columns" or len(parts) <= _COLUMN_DEPTH:
        return False
    member, column = parts[4], table["columns"][number]
    if member in _REMOVABLE and member in column:
        value = column.pop(member)
        notes.append(Note(place, f"{member} {_short(value)} is left out: {fault.message}"))
        return True
    return False


def place_of(document: Document, pointer: str) -> str:
    """A pointer as people say it: `orders.total`."""
    parts = pointer.split("/")[1:]
    try:
        table = document["schema"][int(parts[1])]
        place = str(table["table_name"])
        if len(parts) >= _COLUMN_DEPTH and parts[2] == "columns":
            return f"{place}.{table['columns'][int(parts[3])]['name']}"
    except (IndexError, ValueError, KeyError):
        return ""
    return place


def _short(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return str(value.get("columns") or value.get("target_table"))
    return str(value)
