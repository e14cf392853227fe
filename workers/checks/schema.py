"""The check `schema`: the migrated database against the document, difference by difference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from common.document.models import ProjectDocument
from workers.checks.column_types import type_fault
from workers.checks.conditions import one_line, same_condition
from workers.checks.default_values import default_fault
from workers.checks.expected import (
    ExpectedDatabase,
    ExpectedKey,
    ExpectedLink,
    ExpectedTable,
    expect,
)
from workers.checks.found import FoundDatabase, FoundKey, FoundTable

_WITHOUT_RESTRICT: Final = frozenset({"mssql"})
_DEFERRING: Final = frozenset({"postgresql", "sqlite"})
"""Engines on which a key can wait for the end of a transaction."""
_SAME_AS_NO_ACTION: Final = frozenset({"mysql"})
"""Engines that do one thing for RESTRICT and NO ACTION, and don't keep which was said."""


def differences(document: ProjectDocument, found: FoundDatabase) -> list[str]:
    """One line for each thing that the database has otherwise than the document says."""
    return list(_Comparison(expect(document), found, document).run())


class _Comparison:
    """An expected database beside a found one."""

    def __init__(
        self, expected: ExpectedDatabase, found: FoundDatabase, document: ProjectDocument
    ) -> None:
        self._expected = expected
        self._found = found
        self._db_type = document.db_type

    def run(self) -> Iterator[str]:
        for name, table in self._expected.tables.items():
            if name in self._found.tables:
                for fault in self._table(table, self._found.tables[name]):
                    yield f"{name}: {fault}"
            else:
                yield f"{name}: the table is missing"
        yield from self._links()

    def _table(self, expected: ExpectedTable, found: FoundTable) -> Iterator[str]:
        yield from self._columns(expected, found)
        yield from self._keys(expected, found)
        yield from _uniques(expected, found)
        yield from _indexes(expected, found, self._found.engine)
        yield from _checks(expected, found, self._found.engine)

    def _columns(self, expected: ExpectedTable, found: FoundTable) -> Iterator[str]:
        columns = {column.name: column for column in found.columns}
        for name, column in expected.columns.items():
            if name not in columns:
                yield f"column {name} is missing"
                continue
            has = columns.pop(name)
            fault = type_fault(column, has, engine=self._found.engine, db_type=self._db_type)
            if fault is not None:
                yield f"column {name} {fault}"
            if has.nullable != column.nullable:
                yield f"column {name} {'may' if has.nullable else 'must not'} be null"
            if has.counts_up is not None and has.counts_up != column.counts_up:
                yield f"column {name} {'counts' if has.counts_up else 'does not count'} up"
            fault = default_fault(column, has, engine=self._found.engine, db_type=self._db_type)
            if fault is not None:
                yield f"column {name} {fault}"
        if not expected.primary_key and len(columns) == 1:
            # A key that the document asked for without naming it
            (added,) = columns
            if found.primary_key == [added]:
                return
        for name in columns:
            yield f"column {name} is not in the document"

    def _keys(self, expected: ExpectedTable, found: FoundTable) -> Iterator[str]:
        if expected.primary_key and sorted(found.primary_key) != sorted(expected.primary_key):
            yield f"the primary key is {found.primary_key}, not {list(expected.primary_key)}"
        if not expected.primary_key and len(found.primary_key) != 1:
            yield f"the added primary key is {found.primary_key}"
        wanted = {self._as_created(key) for key in expected.foreign_keys}
        has = {self._as_created(_key(key)) for key in found.foreign_keys}
        for key in sorted(wanted - has, key=str):
            yield f"foreign key {key} is missing"
        if {self._found.engine, self._db_type} <= _DEFERRING:
            waits = {self._as_created(_key(key)) for key in found.foreign_keys if key.deferred}
            waiting = {self._as_created(key) for key in expected.waiting}
            for key in sorted((waiting & has) - waits, key=str):
                yield f"foreign key {key} does not wait for the end of a transaction"
        for key in sorted(has - wanted, key=str):
            yield f"foreign key {key} is not in the document"

    def _as_created(self, key: ExpectedKey) -> ExpectedKey:
        if key.on_delete == "RESTRICT" and (
            self._db_type in _WITHOUT_RESTRICT or self._found.engine in _SAME_AS_NO_ACTION
        ):
            return ExpectedKey(key.pairs, key.target_table, "NO ACTION")
        return key

    def _links(self) -> Iterator[str]:
        extra = {
            name: table
            for name, table in self._found.tables.items()
            if name not in self._expected.tables
        }
        satisfied: set[ExpectedLink] = set()
        for name, table in extra.items():
            matching = {link for link in self._expected.links if _is_link(link, name, table)}
            if not matching:
                yield f"{name}: the table is not in the document"
            satisfied |= matching
            for fault in _link_faults(table):
                yield f"{name}: {fault}"
        for link in self._expected.links - satisfied:
            label = link.name or "a table"
            yield f"{label} between {' and '.join(link.between)} is missing"


def _key(key: FoundKey) -> ExpectedKey:
    pairs = tuple(sorted(zip(key.columns, key.target_columns, strict=True)))
    return ExpectedKey(pairs, key.target_table, key.on_delete.upper())


def _uniques(expected: ExpectedTable, found: FoundTable) -> Iterator[str]:
    has = {frozenset(columns) for columns in found.uniques}
    has.discard(frozenset(found.primary_key))
    for columns in sorted(map(sorted, expected.uniques - has)):
        yield f"unique ({', '.join(columns)}) is missing"
    for columns in sorted(map(sorted, has - expected.uniques - expected.maybe_unique)):
        yield f"unique ({', '.join(columns)}) is not in the document"


def _indexes(expected: ExpectedTable, found: FoundTable, engine: str) -> Iterator[str]:
    has = {tuple(columns) for columns in found.indexes}
    # A key or a unique constraint is kept by an index of the same columns
    implied = {tuple(columns) for columns in [*found.uniques, found.primary_key]}
    for columns in sorted(expected.indexes - has - implied):
        yield f"index ({', '.join(columns)}) is missing"
    if engine == "mysql":  # it makes an index for each foreign key that has none
        implied |= {tuple(key.columns) for key in found.foreign_keys}
    for columns in sorted(has - expected.indexes - implied):
        yield f"index ({', '.join(columns)}) is not in the document"


def _checks(expected: ExpectedTable, found: FoundTable, engine: str) -> Iterator[str]:
    types = {name: column.type for name, column in expected.columns.items()}
    # Enumerations may be held to their values where the database has no type for them
    values = {name: column.values for name, column in expected.columns.items() if column.values}
    implied = [f"{_quoted(name)} in ({_listed(each)})" for name, each in values.items()]
    for text in expected.checks:
        if not any(same_condition(text, has, types, engine) for has in found.checks):
            yield f"check {one_line(text)} is missing"
    for has in found.checks:
        meant = [*expected.checks, *implied]
        if not any(same_condition(text, has, types, engine) for text in meant):
            yield f"check {one_line(has)} is not in the document"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def _is_link(link: ExpectedLink, name: str, table: FoundTable) -> bool:
    targets = sorted(key.target_table for key in table.foreign_keys)
    return link.name in (None, name) and targets == list(link.between)


def _link_faults(table: FoundTable) -> Iterator[str]:
    own = [column for key in table.foreign_keys for column in key.columns]
    if sorted(table.primary_key) != sorted(set(own)):
        yield f"the primary key is {table.primary_key}, not all of its foreign keys"
    for column in table.columns:
        if column.name not in own:
            yield f"column {column.name} is part of no foreign key"
        if column.nullable:
            yield f"column {column.name} may be null"
    for columns in table.indexes:
        if columns != table.primary_key and columns not in [
            key.columns for key in table.foreign_keys
        ]:
            yield f"index ({', '.join(columns)}) is of no foreign key"
    indexes = [table.primary_key, *table.indexes]
    for key in table.foreign_keys:
        if not any(columns[: len(key.columns)] == key.columns for columns in indexes):
            yield f"index ({', '.join(key.columns)}) is missing"
        if key.on_delete.upper() != "CASCADE":
            yield f"foreign key {_key(key)} does not cascade"
