"""What both sides of every relationship are called."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from common.document import names
from common.document.draft import Draft, DraftTable
from common.document.pointers import shorten
from common.document.sides import Pair, Side


def name_sides(draft: Draft, pairs: list[Pair]) -> None:
    """Give every side its attribute: what the document calls it, else a derived and free name.

    All names that the document gives are taken before any is derived, so that a derived name
    never pushes a given one aside.
    """
    taken: dict[str, set[str]] = {table.name: set(table.columns) for table in draft.tables.values()}
    numbers: dict[str, dict[str, int]] = {name: {} for name in draft.tables}
    unnamed: list[tuple[Side, Side]] = []
    for pair in pairs:
        for side, other in (pair, pair[::-1]):
            if not _take_given(draft, side, other, taken):
                unnamed.append((side, other))
    # Sides that stand in the document choose before those that are only added.
    for side, other in sorted(unnamed, key=lambda sides: sides[0].entry is None):
        used = taken[side.table.name]
        side.name = names.free_name(
            _derived(side, other), partial(_is_free, used), numbers[side.table.name]
        )
        used.add(side.name)


def _is_free(used: set[str], name: str) -> bool:
    return name not in used and names.attribute_fault(name) is None


def _take_given(draft: Draft, side: Side, other: Side, taken: dict[str, set[str]]) -> bool:
    """Name `side` as the document does; False if it says nothing."""
    own = side.entry.name if side.entry is not None else None
    theirs = other.entry.back_populates if other.entry is not None else None
    if own is not None and theirs is not None and own != theirs:
        draft.findings.fault(
            f"{other.pointer}/back_populates",
            "name_mismatch",
            f"{side.pointer} calls itself {shorten(own)!r}, not {shorten(theirs)!r}.",
        )
    name = own if own is not None else theirs
    if name is None:
        return False
    pointer = f"{side.pointer}/name" if own is not None else f"{other.pointer}/back_populates"
    side.name = name
    used = taken[side.table.name]
    if check_attribute(draft, side.table, name, pointer) and name in used:
        draft.findings.fault(
            pointer,
            "attribute_taken",
            f"{side.table.source.class_name} has a relationship {shorten(name)!r} already.",
        )
    used.add(name)
    return True


def check_attribute(draft: Draft, table: DraftTable, name: str, pointer: str) -> bool:
    """Whether `name` can be an attribute beside the columns of `table`; else a fault is noted."""
    fault = names.attribute_fault(name)
    if fault is None and name in table.columns:
        message = f"{table.source.class_name} has a column {shorten(name)!r} already."
        fault = ("attribute_taken", message)
    if fault is not None:
        draft.findings.fault(pointer, *fault)
    return fault is None


def _derived(side: Side, other: Side) -> Iterator[str]:
    """Names that would do for `side`, the best one first; at least the first one is an identifier.

    A table may be called `_x`, or (in a document that is faulty anyway) anything at all.
    """
    many = names.identifier(side.target.name)
    one = names.singular(many)
    if side.kind == "many_to_many":
        if side.table is side.target:
            yield f"{names.identifier(other.name)}_of" if other.name else f"linked_{many}"
        else:
            yield many
            yield f"linked_{many}"
        return
    stem = _stem(side, one)
    if side.owns_key:
        yield stem
        yield f"{stem}_{one}" if stem != one else f"related_{one}"
        return
    base = one if side.kind == "one_to_one" else many
    if side.table is side.target:
        # A row's rows: "children" is what people say, whatever the table is called.
        yield "children" if stem == "parent" and side.kind == "one_to_many" else f"{stem}_of"
    else:
        yield base
    yield f"{base}_by_{other.name or stem}"


def _stem(side: Side, target: str) -> str:
    """What the foreign key calls the row that it points to: `author_id` -> `author`."""
    fallback = target if side.owns_key else names.singular(names.identifier(side.table.name))
    if side.key is None or len(side.key.columns) > 1:
        return fallback
    suffixes = ("id", side.key.target_columns[0], "key", "uuid")
    stem = names.without_suffix(side.key.columns[0], suffixes)
    return names.identifier(stem) if stem is not None else fallback
