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

    first = {fault.pointer: fault for fault in reversed(faults)}
    return sorted(first.values(), key=place, reverse=True)


def _mend_one(document: Document, fault: Fault, notes: list[Note]) -> bool:
    """Take out what a fault points at; False if that is nothing that can be done without."""
    place = place_of(document, fault.pointer)
    match fault.pointer.split("/")[1:]:
        case ["schema", table, "description"]:
            owner, member = document["schema"][int(table)], "description"
        case ["schema", table, "columns", column, member, *_] if member in _REMOVABLE:
            owner = document["schema"][int(table)]["columns"][int(column)]
        case ["schema", table, "foreign_keys", key, "on_delete" as member]:
            owner = document["schema"][int(table)]["foreign_keys"][int(key)]
        case ["schema", table, kind, number, *_] if kind in _LISTS:
            item = _taken_out(document["schema"][int(table)], kind, int(number))
            if item is not None:
                notes.append(Note(place, f"left out of {kind}: {_short(item)}: {fault.message}"))
            return item is not None
        case _:
            return False
    if member not in owner:
        return False
    value = owner.pop(member)
    notes.append(Note(place, f"{member} {_short(value)} is left out: {fault.message}"))
    return True


def _taken_out(table: Document, kind: str, number: int) -> object:
    """The item that was taken out of a list of the table's; None if there is none such."""
    listed = table.get(kind, [])
    item = listed.pop(number) if number < len(listed) else None
    if not listed:
        table.pop(kind, None)
    return item


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
