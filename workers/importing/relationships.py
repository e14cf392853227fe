"""Relationships of a document that was imported: two entries for each foreign key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.document import names
from workers.importing.drafts import DraftKey, DraftTable
from workers.importing.source import Note

Entries = dict[str, list[dict[str, Any]]]
"""By table."""
_SIDES = 2


def is_link(table: DraftTable) -> bool:
    """Whether a table is nothing but two foreign keys that make up its whole primary key."""
    if len(table.keys) != _SIDES or len(table.source.foreign_keys) != _SIDES:
        return False
    first, second = table.keys
    columns = [*first.columns, *second.columns]
    return (
        len(set(columns)) == len(columns) == len(table.names)
        and set(columns) == set(table.primary_key)
        and table not in {first.target, second.target}
    )


def make_entries(tables: Sequence[DraftTable], most: int, notes: list[Note]) -> Entries:
    """All entries but for the names of attributes, which the reader of documents derives.

    At most `most` of a table: the far side of a relationship need not be written down.
    """
    near: Entries = {table.name: [] for table in tables}
    far: Entries = {table.name: [] for table in tables}
    for table in tables:
        if is_link(table):
            _add_many_to_many(table, near)
            continue
        for key in table.keys:
            by = _told_by(table, key)
            if by is None:
                place = f"{table.name}.{', '.join(key.columns)}"
                notes.append(Note(place, "no relationship: no column tells this key from others"))
                continue
            one = frozenset(key.columns) in table.unique_sets
            kinds = ("one_to_one", "one_to_one") if one else ("many_to_one", "one_to_many")
            near[table.name].append(_entry(key.target, kinds[0], by))
            far[key.target.name].append(_entry(table, kinds[1], by))
    entries: Entries = {}
    for table in tables:
        first, room = near[table.name], most - len(near[table.name])
        notes += (
            Note(table.name, f"over {most} relationships: none to {extra['target_table']}")
            for extra in first[most:]
        )
        entries[table.name] = [*first[:most], *far[table.name][: max(0, room)]]
    return entries


def _entry(target: DraftTable, kind: str, by: str) -> dict[str, Any]:
    return {
        "target_table": target.name,
        "target_class": target.class_name,
        "type": kind,
        "foreign_key": by,
    }


def _told_by(table: DraftTable, key: DraftKey) -> str | None:
    """The column that says which key is meant; None if there is none."""
    rivals = [
        other
        for one, aim in ((table, key.target), (key.target, table))
        for other in one.keys
        if other.target is aim and other is not key
    ]
    if len(key.columns) == 1:
        return None if any(other.columns == key.columns for other in rivals) else key.columns[0]
    for column in key.columns:
        if not any(column in other.columns for other in rivals):
            return column
    return None


def _add_many_to_many(link: DraftTable, near: Entries) -> None:
    first, second = link.keys
    sides = ((first.target, second), (second.target, first))
    if first.target is second.target:
        # One entry will do, with names of its own: the reader adds the other
        name, back = (_attribute(key, first.target) for key in (second, first))
        entry = _many_to_many(first.target, link)
        if name != back:
            entry |= {"name": name, "back_populates": back}
        near[first.target.name].append(entry)
        return
    for table, other in sides:
        near[table.name].append(_many_to_many(other.target, link))


def _many_to_many(target: DraftTable, link: DraftTable) -> dict[str, Any]:
    return {
        "target_table": target.name,
        "target_class": target.class_name,
        "type": "many_to_many",
        "secondary": link.name,
    }


def _attribute(key: DraftKey, table: DraftTable) -> str:
    """What a key of a table between calls the rows of the table that is linked to itself."""
    stem = names.without_suffix(key.columns[0], ("id", key.target_columns[0])) or key.columns[0]
    name = names.identifier(f"linked_{stem}")
    return names.free_name((name,), lambda wanted: wanted not in table.names.values())
