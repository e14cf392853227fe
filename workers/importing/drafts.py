"""Tables on their way from the database's words to the document's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workers.importing import document_names
from workers.importing.column_types import DocumentType, document_type
from workers.importing.default_values import UnsayableError
from workers.importing.expressions import only_listed, write_condition
from workers.importing.mixins import Mixins, recognise
from workers.importing.source import (
    Note,
    Source,
    SourceCheck,
    SourceColumn,
    SourceKey,
    SourceTable,
)

_SMALL_KEYS = ("BigInteger", "SmallInteger")


@dataclass(frozen=True, slots=True)
class DraftKey:
    """A foreign key in the document's names, whose target was found."""

    columns: tuple[str, ...]
    target: DraftTable
    target_columns: tuple[str, ...]
    on_delete: str


@dataclass(slots=True, eq=False)
class DraftTable:
    """One table; `names` and `types` are by the columns' names in the database."""

    source: SourceTable
    name: str
    class_name: str
    names: dict[str, str] = field(default_factory=dict)
    types: dict[str, DocumentType] = field(default_factory=dict)
    mixins: Mixins = field(default_factory=Mixins)
    keys: list[DraftKey] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)

    @property
    def primary_key(self) -> tuple[str, ...]:
        """In the document's names."""
        return tuple(self.names[column] for column in self.source.primary_key)

    @property
    def unique_sets(self) -> set[frozenset[str]]:
        """Sets of columns of which no two rows have the same values, in the document's names."""
        sets = {
            frozenset(self.names[column] for column in index.columns)
            for index in self.source.indexes
            if index.unique
        }
        return sets | ({frozenset(self.primary_key)} if self.primary_key else set())

    def word(self, name: str) -> str:
        """The type of the column that the document calls `name`."""
        return next(self.types[old].word for old, new in self.names.items() if new == name)


class Drafting:
    """Names, types, keys and conditions of all tables, with notes on what got lost."""

    def __init__(self, source: Source, tables: Sequence[SourceTable]) -> None:
        self.notes: list[Note] = []
        self._source = source
        self._sources = tables
        self._several = len({table.schema for table in tables}) > 1
        self.tables = self._named()
        self._by_source = {(draft.source.schema, draft.source.name): draft for draft in self.tables}
        for draft in self.tables:
            listed = self._listed(draft)
            for column in draft.source.columns:
                draft.types[column.name] = self._type(draft, column, listed)
        for draft in self.tables:
            draft.keys = self._keys(draft)
        if source.db_type == "sqlite":
            self._widen_numbers()
        for draft in self.tables:
            draft.mixins = recognise(draft.source, draft.types, source.db_type)
            draft.checks = self._checks(draft)

    def note(self, draft: DraftTable, column: str, text: str) -> None:
        """Note something about a column, or about the table (no column)."""
        self.notes.append(Note(f"{draft.name}.{column}" if column else draft.name, text))

    def _named(self) -> list[DraftTable]:
        drafts: list[DraftTable] = []
        taken: set[str] = set()
        classes: set[str] = set()
        # Legal names are given first, so that no other one is changed into them
        order = sorted(
            self._sources,
            key=lambda table: document_names.table_name(table.name, ()) != table.name,
        )
        for table in order:
            written = f"{table.schema}.{table.name}" if self._several else table.name
            name = document_names.table_name(table.name, ())
            if name in taken and table.schema and self._several:
                name = f"{table.schema}_{table.name}"
            name = document_names.table_name(name, taken)
            taken.add(name)
            draft = DraftTable(table, name, document_names.class_name(name, classes))
            classes.add(draft.class_name)
            if name != table.name:
                self.notes.append(Note(name, f"the table {written!r} is called so here"))
            self._name_columns(draft)
            drafts.append(draft)
        return sorted(drafts, key=lambda draft: self._sources.index(draft.source))

    def _name_columns(self, draft: DraftTable) -> None:
        taken: set[str] = set()
        for column in draft.source.columns:
            name = document_names.column_name(column.name, taken)
            taken.add(name.lower())
            draft.names[column.name] = name
            if name != column.name:
                self.note(draft, name, f"the column {column.name!r} is called so here")

    def _listed(self, draft: DraftTable) -> dict[str, tuple[str, ...]]:
        """Columns that are enums where the database has none: a list of values as a condition."""
        found: dict[str, tuple[str, ...]] = {}
        for check in draft.source.checks:
            listed = self._enum(draft, check)
            if listed is not None:
                found[listed[0]] = listed[1]
        return found

    def _enum(self, draft: DraftTable, check: SourceCheck) -> tuple[str, tuple[str, ...]] | None:
        if self._source.db_type not in {"sqlite", "mssql"} or (check.name or "").startswith("ck_"):
            return None
        listed = only_listed(check.condition, self._source.db_type)
        if listed is None:
            return None
        column = next((c for c in draft.source.columns if c.name == listed[0]), None)
        longest = max(map(len, listed[1]))
        if column is None or column.type.name != "VARCHAR" or column.type.sizes != (longest,):
            return None
        return listed

    def _type(
        self, draft: DraftTable, column: SourceColumn, listed: dict[str, tuple[str, ...]]
    ) -> DocumentType:
        values = listed.get(column.name)
        if values is not None:
            return DocumentType("Enum", values=values)
        found = document_type(column.type, self._source.db_type, migrated=self._source.migrated)
        if found.loss is not None:
            self.note(draft, draft.names[column.name], found.loss)
        return found

    def _keys(self, draft: DraftTable) -> list[DraftKey]:
        keys: list[DraftKey] = []
        known: set[tuple[str, frozenset[tuple[str, str]]]] = set()
        for key in draft.source.foreign_keys:
            columns = tuple(draft.names[column] for column in key.columns)
            found = self._key(draft, key, columns)
            if isinstance(found, str):
                self.note(draft, ", ".join(columns), f"the foreign key is left out: {found}")
                continue
            pairs = frozenset(zip(columns, found.target_columns, strict=True))
            if (found.target.name, pairs) not in known:
                known.add((found.target.name, pairs))
                keys.append(found)
        return keys

    def _key(self, draft: DraftTable, key: SourceKey, columns: tuple[str, ...]) -> DraftKey | str:
        target = self._by_source.get((key.target_schema, key.target_table))
        if target is None:
            return f"the table {key.target_table} is not among those that were taken"
        wanted = key.target_columns or target.source.primary_key
        missing = [name for name in wanted if name not in target.names]
        if missing or len(wanted) != len(columns):
            return f"{key.target_table} has no such columns"
        aims = tuple(target.names[name] for name in wanted)
        if target is draft and aims == columns:
            return "it refers to itself"
        if frozenset(aims) not in target.unique_sets:
            return f"{', '.join(aims)} of {target.name} is neither key nor unique"
        return DraftKey(columns, target, aims, key.on_delete)

    def _widen_numbers(self) -> None:
        """Tell from the columns that refer to it how wide a key of SQLite's is meant to be.

        SQLite counts up nothing but an INTEGER, so that is what a wider key is declared as.
        """
        for draft in self.tables:
            if len(draft.source.primary_key) != 1:
                continue
            old = draft.source.primary_key[0]
            words = {
                other.word(key.columns[0])
                for other in self.tables
                for key in other.keys
                if key.target is draft and key.target_columns == draft.primary_key
            }
            if len(words) == 1 and draft.types[old].word == "Integer":
                word = words.pop()
                for wide in _SMALL_KEYS:
                    if word == wide:
                        draft.types[old] = DocumentType(
                            "BigInteger" if wide == _SMALL_KEYS[0] else "SmallInteger"
                        )

    def _checks(self, draft: DraftTable) -> list[str]:
        words = {name: draft.types[old].word for old, name in draft.names.items()}
        found: list[str] = []
        for check in draft.source.checks:
            if self._enum(draft, check) is not None:
                continue
            try:
                said = write_condition(check.condition, self._source.db_type, draft.names, words)
            except UnsayableError:
                condition = " ".join(check.condition.split())
                self.note(draft, "", f"the check {condition} is left out")
                continue
            if not _is_booleans_own(said, words) and said not in found:
                found.append(said)
        return found


def _is_booleans_own(condition: str, words: Mapping[str, str]) -> bool:
    """Whether a check says nothing but that a boolean is true or false."""
    column, _, rest = condition.partition(" in ")
    return words.get(column) == "Boolean" and rest in {"(false, true)", "(true, false)"}
