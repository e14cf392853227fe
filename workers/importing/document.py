"""From a database as it was found to a project document that the platform's own reader accepts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from common.document.limits import DocumentLimits
from common.document.read import read_document
from common.document.resolved import ResolvedDocument
from common.errors import BackboneError, RequestError
from workers.importing import document_names
from workers.importing.default_values import UnsayableError, json_value
from workers.importing.drafts import Drafting, DraftKey, DraftTable
from workers.importing.expressions import (
    Counter,
    FreshUuid,
    Present,
    Value,
    read_default,
)
from workers.importing.mending import mend
from workers.importing.relationships import is_link, make_entries
from workers.importing.source import Note, Source, SourceColumn, SourceTable

Document = dict[str, Any]
_INTEGERS: Final = frozenset({"Integer", "BigInteger", "SmallInteger"})
_ACTIONS: Final = frozenset({"RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"})


class NothingToImportError(BackboneError):
    """There is no table in it, or none of those that were asked for."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A project document and what it does not say of its database."""

    document: Document
    notes: tuple[Note, ...]


def import_source(
    source: Source,
    limits: DocumentLimits,
    *,
    name: str | None = None,
    tables: Sequence[str] = (),
) -> Imported:
    """The document for a database, valid as far as that can be; `tables` chooses among them."""
    chosen = _choose(source, tables)
    drafting = Drafting(source, chosen)
    writer = _Writer(source, drafting)
    written = [writer.table(draft) for draft in drafting.tables]
    keyless = [draft.name for draft in drafting.tables if not draft.primary_key]
    document: Document = {
        "project_name": document_names.project_name(name or source.name),
        "db_type": source.db_type,
        "schema": written,
    }
    notes = [*_wanted(source.notes, chosen, tables), *drafting.notes]
    notes += (Note(table, "no primary key: the option adds one") for table in keyless)
    if keyless:
        document["options"] = {"add_missing_primary_keys": True}
    notes += _over_limits(drafting.tables, limits)
    room = _room_for(written, limits)
    entries = make_entries(drafting.tables, limits.max_relationships_per_table, notes)
    for table in written:
        if entries[table["table_name"]]:
            table["relationships"] = entries[table["table_name"]]
    _leave_out_links(document, drafting.tables, room)
    notes += mend(document, room)
    _name_attributes(document, room)
    return Imported(document, tuple(dict.fromkeys(notes)))


def _choose(source: Source, wanted: Sequence[str]) -> list[SourceTable]:
    if not source.tables:
        raise NothingToImportError(f"There are no tables in {source.name}.")
    if not wanted:
        return list(source.tables)
    known = {table.name for table in source.tables}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise NothingToImportError(
            f"There is no table {', '.join(unknown)}; there are {', '.join(sorted(known))}."
        )
    return [table for table in source.tables if table.name in wanted]


def _wanted(
    notes: Sequence[Note], chosen: Sequence[SourceTable], asked: Sequence[str]
) -> list[Note]:
    """The notes of the reading, without those on tables that nobody asked for."""
    if not asked:
        return list(notes)
    names = {table.name for table in chosen}
    return [note for note in notes if note.place.partition(".")[0] in names]


def _over_limits(tables: Sequence[DraftTable], limits: DocumentLimits) -> list[Note]:
    notes = []
    if len(tables) > limits.max_tables:
        parts = " | ".join(",".join(part) for part in _connected(tables))
        notes.append(
            Note(
                "",
                f"to be mended: {len(tables)} tables are more than {limits.max_tables};"
                f" choose with --tables (these hang together: {parts}) or raise MAX_TABLES",
            )
        )
    for table in tables:
        count = len(table.source.columns) - len(table.mixins.implied)
        if count > limits.max_columns_per_table:
            notes.append(
                Note(
                    table.name,
                    f"to be mended: {count} columns are more than {limits.max_columns_per_table};"
                    " split the table or raise MAX_COLUMNS_PER_TABLE",
                )
            )
    return notes


def _connected(tables: Sequence[DraftTable]) -> list[list[str]]:
    """The tables in groups that no foreign key leads out of, the largest first."""
    group = {table.name: {table.name} for table in tables}
    for table in tables:
        for key in table.keys:
            merged = group[table.name] | group[key.target.name]
            for name in merged:
                group[name] = merged
    parts = {frozenset(part) for part in group.values()}
    return sorted((sorted(part) for part in parts), key=lambda part: (-len(part), part))


def _room_for(written: Sequence[Document], limits: DocumentLimits) -> DocumentLimits:
    """Limits within which the rest of the document can be checked all the same."""
    columns = max(len(table["columns"]) for table in written)
    return replace(
        limits,
        max_tables=max(limits.max_tables, len(written)),
        max_columns_per_table=max(limits.max_columns_per_table, columns),
    )


def _leave_out_links(
    document: Document, drafts: Sequence[DraftTable], limits: DocumentLimits
) -> None:
    """Leave it to the generator to make the tables between that it would make just so."""
    candidates = [draft for draft in drafts if _may_be_made(draft, drafts)]
    while candidates:
        names = {draft.name for draft in candidates}
        rest = [table for table in document["schema"] if table["table_name"] not in names]
        resolved = _resolved(document | {"schema": rest}, limits) if rest else None
        if resolved is None:
            return
        alike = [draft for draft in candidates if _is_made_so(resolved, draft)]
        if len(alike) == len(candidates):
            document["schema"] = rest
            return
        candidates = alike


def _may_be_made(draft: DraftTable, drafts: Sequence[DraftTable]) -> bool:
    return (
        is_link(draft)
        and not draft.checks
        and draft.source.comment is None
        and all(column.comment is None for column in draft.source.columns)
        and all(key.on_delete == "CASCADE" for key in draft.keys)
        and not any(key.target is draft for other in drafts for key in other.keys)
    )


def _is_made_so(resolved: ResolvedDocument, draft: DraftTable) -> bool:
    made = next((link for link in resolved.made_links if link.name == draft.name), None)
    if made is None:
        return False
    keys = {(key.columns, key.target_table, key.target_columns) for key in made.foreign_keys}
    wanted = {(key.columns, key.target.name, key.target_columns) for key in draft.keys}
    columns = [column.name for column in made.columns]
    _, second = made.foreign_keys  # the generator adds an index for its columns
    indexes = [
        (tuple(draft.names[column] for column in index.columns), index.unique)
        for index in draft.source.indexes
    ]
    return (
        keys == wanted
        and columns == list(draft.names.values()) == list(draft.primary_key)
        and indexes == [(second.columns, False)]
    )


def _resolved(document: Document, limits: DocumentLimits) -> ResolvedDocument | None:
    try:
        return read_document(document, limits).resolved
    except RequestError:
        return None


def _name_attributes(document: Document, limits: DocumentLimits) -> None:
    """Write down what the reader calls the other side of each relationship."""
    resolved = _resolved(document, limits)
    if resolved is None:
        return
    for table in resolved.tables:
        for relationship in table.relationships:
            if relationship.declared:
                number, place = relationship.pointer.split("/")[2::2]
                entry = document["schema"][int(number)]["relationships"][int(place)]
                entry["back_populates"] = relationship.back_populates


class _Writer:
    """Writes tables down: only what differs from the defaults."""

    def __init__(self, source: Source, drafting: Drafting) -> None:
        self._source = source
        self._drafting = drafting

    def table(self, draft: DraftTable) -> Document:
        source = draft.source
        written: Document = {"table_name": draft.name, "class_name": draft.class_name}
        if source.comment:
            written["description"] = self._description(draft, "", source.comment)
        options = {
            name: True
            for name in ("use_timestamps", "use_soft_delete")
            if getattr(draft.mixins, name)
        }
        if options:
            written["options"] = options
        inline, others = self._split(draft)
        written["columns"] = [
            self._column(draft, column, inline.get(draft.names[column.name]))
            for column in source.columns
            if column.name not in draft.mixins.implied
        ]
        self._add_uniques(draft, written)
        self._add_indexes(draft, written)
        if others:
            written["foreign_keys"] = [self._key(key) for key in others]
        if draft.checks:
            written["checks"] = draft.checks
        return written

    def _description(self, draft: DraftTable, column: str, comment: str) -> str:
        limit = 1000
        if len(comment) > limit:
            self._drafting.note(draft, column, f"a comment of over {limit} characters is cut")
        return comment[:limit]

    def _split(self, draft: DraftTable) -> tuple[dict[str, DraftKey], list[DraftKey]]:
        """Keys that a column can say itself, and those that the table has to."""
        inline: dict[str, DraftKey] = {}
        others: list[DraftKey] = []
        for key in draft.keys:
            if len(key.columns) == 1 and key.columns[0] not in inline:
                inline[key.columns[0]] = key
            else:
                others.append(key)
        return inline, others

    def _key(self, key: DraftKey) -> Document:
        written: Document = {
            "columns": list(key.columns),
            "target_table": key.target.name,
            "target_columns": list(key.target_columns),
        }
        if key.on_delete in _ACTIONS:
            written["on_delete"] = key.on_delete
        return written

    def _column(self, draft: DraftTable, column: SourceColumn, key: DraftKey | None) -> Document:
        name = draft.names[column.name]
        kind = draft.types[column.name]
        written: Document = {"name": name, "type": "ForeignKey" if key else kind.word}
        if key is None:
            sizes = {"length": kind.length, "precision": kind.precision, "scale": kind.scale}
            written |= {member: size for member, size in sizes.items() if size is not None}
            if kind.values:
                written["values"] = list(kind.values)
        else:
            written["target"] = f"{key.target.name}.{key.target_columns[0]}"
            if key.on_delete in _ACTIONS:
                written["on_delete"] = key.on_delete
            self._compare_types(draft, column, key)
        primary = column.name in draft.source.primary_key
        if primary:
            written["primary_key"] = True
        if column.counts:
            self._count_up(draft, column, written, primary=primary)
        if not column.nullable and not primary:
            written["nullable"] = False
        self._add_default(draft, column, written)
        if column.comment:
            written["description"] = self._description(draft, name, column.comment)
        return written

    def _compare_types(self, draft: DraftTable, column: SourceColumn, key: DraftKey) -> None:
        own = draft.types[column.name]
        old = next(o for o, n in key.target.names.items() if n == key.target_columns[0])
        aim = key.target.types[old]
        if (own.word, own.length) != (aim.word, aim.length):
            self._drafting.note(
                draft,
                draft.names[column.name],
                f"takes the type of what it refers to ({aim.word}), not its own ({own.word})",
            )

    def _count_up(
        self, draft: DraftTable, column: SourceColumn, written: Document, *, primary: bool
    ) -> None:
        if written["type"] in _INTEGERS and primary:
            written["autoincrement"] = True
        elif written["type"] != "ForeignKey" or self._source.db_type != "sqlite":
            self._drafting.note(
                draft, draft.names[column.name], "only a whole number of the key counts up here"
            )

    def _add_default(self, draft: DraftTable, column: SourceColumn, written: Document) -> None:
        name = draft.names[column.name]
        timed = draft.mixins.use_timestamps and column.name in {"created_at", "updated_at"}
        if column.renewed and not (timed and column.name == "updated_at"):
            self._drafting.note(draft, name, "ON UPDATE CURRENT_TIMESTAMP is not kept")
        if column.default is None or "autoincrement" in written:
            return
        shown = " ".join(column.default.split())
        try:
            default = read_default(column.default, self._source.db_type)
            if isinstance(default, Value):
                value = self._value(draft, column, default)
                if value is not None:
                    written["default"] = value
                return
        except UnsayableError:
            self._drafting.note(draft, name, f"the default {shown} is left out")
            return
        if isinstance(default, Counter) and column.counts:
            return
        text = f"the default {shown} is no value and is left out"
        if isinstance(default, Present) and timed:
            text = "the application sets it, not the database"
        elif isinstance(default, FreshUuid) and written.get("primary_key"):
            text = "the application makes the UUID, not the database"
        self._drafting.note(draft, name, text)

    def _value(self, draft: DraftTable, column: SourceColumn, default: Value) -> object:
        if column.type.name == "ARRAY" and default.content is not None:
            if default.content != "{}":
                raise UnsayableError
            return []  # which PostgreSQL writes in braces
        return json_value(default.content, draft.types[column.name].word)

    def _add_uniques(self, draft: DraftTable, written: Document) -> None:
        columns = {column["name"]: column for column in written["columns"]}
        primary_key = frozenset(draft.primary_key)
        known: set[frozenset[str]] = {primary_key}
        for index in draft.source.indexes:
            names = [draft.names[column] for column in index.columns]
            if not index.unique or frozenset(names) in known:
                continue
            known.add(frozenset(names))
            if len(names) == 1 and names[0] in columns:
                columns[names[0]]["unique"] = True
                if (index.name or "").startswith("ix_"):
                    columns[names[0]]["index"] = True
            else:
                written.setdefault("unique", []).append(names)

    def _add_indexes(self, draft: DraftTable, written: Document) -> None:
        columns = {column["name"]: column for column in written["columns"]}
        known: set[tuple[str, ...]] = set()
        for index in draft.source.indexes:
            names = tuple(draft.names[column] for column in index.columns)
            if index.unique or names in known:
                continue
            known.add(names)
            if len(names) == 1 and names[0] in columns:
                columns[names[0]]["index"] = True
            else:
                written.setdefault("indexes", []).append(list(names))
