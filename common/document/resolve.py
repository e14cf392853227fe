"""From the document as it was read to what it means, noting everything that is wrong with it."""

from __future__ import annotations

from common.document import names
from common.document.added_columns import add_columns
from common.document.attributes import name_sides
from common.document.checks import check_conditions
from common.document.columns import check_column, check_comment
from common.document.constraints import resolve_constraints
from common.document.defaults import check_default, kept_default
from common.document.draft import Draft, DraftColumn, DraftTable
from common.document.findings import Findings
from common.document.graph import on_cycles, plan_order, rings
from common.document.indexes import check_keys
from common.document.keys import resolve_keys
from common.document.made_links import make_links
from common.document.models import ProjectDocument, Table
from common.document.operations import resolve_operations
from common.document.pointers import shorten
from common.document.relationships import pair_sides
from common.document.resolved import (
    DEFERRING,
    ColumnType,
    OutputOptions,
    ResolvedCheck,
    ResolvedColumn,
    ResolvedDocument,
    ResolvedForeignKey,
    ResolvedMadeLink,
    ResolvedOperation,
    ResolvedRelationship,
    ResolvedTable,
)
from common.document.sides import Pair, Side

_DEFERRED = (
    "it holds from the end of a transaction on, since the first row has to refer to one that comes"
    " later. Requests that make one row each can't do that, unless the row refers to itself."
)
_WAYS_INTO_RINGS = dict.fromkeys(DEFERRING, _DEFERRED)
_NO_WAY_INTO_RINGS = "here the first row can only get in if it refers to itself."


def resolve(
    document: ProjectDocument,
    findings: Findings,
    *,
    doubtful: frozenset[str] = frozenset(),
) -> ResolvedDocument | None:
    """What `document` means, or None if `findings` holds a fault (found here or before).

    `doubtful` are pointers of parts that stand in for something that could not be read.
    """
    draft = Draft(document, findings, doubtful=doubtful, incomplete="/schema" in doubtful)
    _check_project(draft)
    _add_tables(draft)
    resolve_keys(draft)
    for table in draft.tables.values():
        check_comment(draft, table.pointer, table.source.description)
        for column in table.columns.values():
            check_column(draft, table, column)
            check_default(draft, column)
        check_keys(draft, table)
        resolve_constraints(draft, table)
        check_conditions(draft, table)
    pairs = pair_sides(draft)
    name_sides(draft, pairs)
    made = make_links(draft, pairs)
    operations = resolve_operations(draft, pairs, made)
    _refuse_rings_of_primary_keys(draft)
    if findings:
        return None
    _warn_of_rings(draft)
    return _finish(draft, pairs, made, operations)


def _check_project(draft: Draft) -> None:
    name = draft.source.project_name
    if "/project_name" in draft.doubtful:
        return
    if not names.PROJECT_NAME.fullmatch(name) or len(name) > names.MAX_PROJECT_NAME:
        draft.findings.fault(
            "/project_name",
            "invalid_name",
            f"{shorten(name)!r} must be 1 to {names.MAX_PROJECT_NAME} ASCII letters, digits, `-`"
            " and `_`, with a letter or digit among them.",
        )


def _add_tables(draft: Draft) -> None:
    classes: dict[str, str] = {}
    for index, source in enumerate(draft.source.tables):
        table = DraftTable(index, source, unique_sets=frozenset(map(frozenset, source.unique)))
        table.incomplete = f"{table.pointer}/columns" in draft.doubtful
        if table.pointer not in draft.doubtful:
            _check_table_names(draft, table, source, classes)
        if source.table_name in draft.tables:
            draft.findings.fault(
                f"{table.pointer}/table_name",
                "duplicate_table",
                f"There is a table {shorten(source.table_name)!r} already.",
            )
            continue
        draft.tables[source.table_name] = table
        add_columns(draft, table)
    if not draft.source.tables and not draft.incomplete:
        draft.findings.fault("/schema", "tables_missing", "A document needs at least one table.")


def _check_table_names(
    draft: Draft, table: DraftTable, source: Table, classes: dict[str, str]
) -> None:
    fault = names.table_fault(source.table_name)
    if fault is not None:
        draft.findings.fault(f"{table.pointer}/table_name", *fault)
    pointer = f"{table.pointer}/class_name"
    fault = names.class_fault(source.class_name)
    if fault is not None:
        draft.findings.fault(pointer, *fault)
    twin = classes.setdefault(source.class_name, source.table_name)
    if twin is not source.table_name:
        draft.findings.fault(
            pointer,
            "duplicate_class",
            f"Table {shorten(twin)!r} has the class {shorten(source.class_name)!r} already.",
        )


def _refuse_rings_of_primary_keys(draft: Draft) -> None:
    """Primary keys that only repeat each other in a ring: no value could ever be the first."""
    edges: dict[tuple[str, str], set[tuple[str, str]]] = {}
    identifying = []
    for key in draft.foreign_keys():
        table = draft.tables[key.table]
        columns = [table.columns[name] for name in key.columns]
        if all(column.primary_key and column.type is not None for column in columns):
            identifying.append(key)
            for name, target in zip(key.columns, key.target_columns, strict=True):
                edges.setdefault((key.table, name), set()).add((key.target_table, target))
                edges.setdefault((key.target_table, target), set())
    cyclic = on_cycles(edges)
    for key in identifying:
        if any((key.table, name) in cyclic for name in key.columns):
            draft.findings.fault(
                key.pointer,
                "foreign_key_cycle",
                f"{key.table}.{', '.join(key.columns)} closes a cycle made only of primary keys.",
            )


def _warn_of_rings(draft: Draft) -> None:
    """A ring of keys that are all not null lets no first row in."""
    fixed = [
        key
        for key in draft.foreign_keys()
        if all(not draft.tables[key.table].columns[name].nullable for name in key.columns)
    ]
    for key in rings(fixed):
        draft.findings.warn(
            key.pointer,
            "not_null_cycle",
            f"{key.table}.{', '.join(key.columns)} is on a cycle of keys that can't be null;"
            f" {_WAYS_INTO_RINGS.get(draft.db_type, _NO_WAY_INTO_RINGS)}",
        )


def _finish(
    draft: Draft,
    pairs: list[Pair],
    made: list[ResolvedMadeLink],
    operations: tuple[ResolvedOperation, ...],
) -> ResolvedDocument:
    declared: dict[str, dict[str, ResolvedRelationship]] = {name: {} for name in draft.tables}
    added: dict[str, list[ResolvedRelationship]] = {name: [] for name in draft.tables}
    for pair in pairs:
        for side, other in (pair, pair[::-1]):
            relationship = _relationship(side, other)
            if side.entry is None:
                added[side.table.name].append(relationship)
            else:
                declared[side.table.name][side.pointer] = relationship
    for table in draft.tables.values():
        written = declared[table.name]
        table.relationships = [
            written[pointer]
            for index in range(len(table.source.relationships))
            if (pointer := f"{table.pointer}/relationships/{index}") in written
        ] + added[table.name]
    keys = [*draft.foreign_keys(), *(key for link in made for key in link.foreign_keys)]
    order, cyclic = plan_order(
        [*draft.tables, *(link.name for link in made)],
        keys,
        [key for key in draft.foreign_keys() if _is_nullable(draft, key)],
    )
    source = draft.source
    return ResolvedDocument(
        project_name=source.project_name,
        db_type=source.db_type,
        description=source.description,
        options=OutputOptions(
            add_missing_primary_keys=source.options.add_missing_primary_keys,
            database_api=source.options.database_api,
            auth=source.options.auth,
            on_unproven=source.options.on_unproven,
        ),
        tables=tuple(_table(draft, table) for table in draft.tables.values()),
        made_links=tuple(made),
        build_order=order,
        cyclic_keys=cyclic,
        operations=operations,
    )


def _is_nullable(draft: Draft, key: ResolvedForeignKey) -> bool:
    columns = draft.tables[key.table].columns
    return any(columns[name].nullable for name in key.columns)


def _relationship(side: Side, other: Side) -> ResolvedRelationship:
    return ResolvedRelationship(
        name=side.name,
        kind=side.kind,
        target_table=side.target.name,
        foreign_key=side.key,
        owns_key=side.owns_key,
        link=side.link,
        back_populates=other.name,
        declared=side.entry is not None,
        description=side.entry.description if side.entry is not None else None,
        pointer=side.pointer,
    )


def _table(draft: Draft, table: DraftTable) -> ResolvedTable:
    source = table.source
    return ResolvedTable(
        name=source.table_name,
        class_name=source.class_name,
        description=source.description,
        use_timestamps=source.options.use_timestamps,
        use_soft_delete=source.options.use_soft_delete,
        columns=tuple(_column(draft, table, column) for column in table.columns.values()),
        foreign_keys=tuple(table.foreign_keys),
        relationships=tuple(table.relationships),
        uniques=tuple(table.uniques),
        indexes=tuple(table.indexes),
        checks=tuple(
            ResolvedCheck(text, f"{table.pointer}/checks/{index}")
            for index, text in enumerate(source.checks)
        ),
        pointer=table.pointer,
    )


def _column(draft: Draft, table: DraftTable, column: DraftColumn) -> ResolvedColumn:
    source = column.source
    return ResolvedColumn(
        name=column.name,
        type=column.type or ColumnType.INTEGER,
        length=column.length,
        precision=column.precision,
        scale=column.scale,
        values=column.values,
        enum_of=column.enum_of or ((table.name, column.name) if column.values else None),
        primary_key=column.primary_key,
        autoincrement=column.autoincrement,
        unique=column.unique,
        nullable=column.nullable,
        index=column.index,
        has_default=source is not None and source.has_default,
        default=kept_default(draft, column),
        description=source.description if source is not None else None,
        origin=column.origin,
        pointer=column.pointer,
    )
