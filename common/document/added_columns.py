"""The columns of a table: those that are declared, and those that options add."""

from __future__ import annotations

from common.document import names
from common.document.draft import Draft, DraftColumn, DraftTable
from common.document.models import Column
from common.document.pointers import shorten
from common.document.resolved import ColumnOrigin, ColumnType

_TYPES = {member.value: member for member in ColumnType}
_MIXINS: dict[str, tuple[ColumnOrigin, ColumnType, bool]] = {
    "created_at": (ColumnOrigin.TIMESTAMPS, ColumnType.DATETIME, False),
    "updated_at": (ColumnOrigin.TIMESTAMPS, ColumnType.DATETIME, False),
    "is_deleted": (ColumnOrigin.SOFT_DELETE, ColumnType.BOOLEAN, False),
    "deleted_at": (ColumnOrigin.SOFT_DELETE, ColumnType.DATETIME, True),
}


def add_columns(draft: Draft, table: DraftTable) -> None:
    """Take over the declared columns of `table`, then add those that options ask for."""
    lowered: dict[str, str] = {}
    for index, source in enumerate(table.source.columns):
        pointer = f"{table.pointer}/columns/{index}"
        column = _taken_over(source, pointer)
        column.doubtful = pointer in draft.doubtful
        if source.name in table.columns:
            draft.findings.fault(
                f"{pointer}/name",
                "duplicate_column",
                f"The table has a column {shorten(source.name)!r} already.",
            )
            continue
        twin = lowered.setdefault(source.name.lower(), source.name)
        if twin != source.name:
            draft.findings.fault(
                f"{pointer}/name",
                "duplicate_column",
                f"{source.name!r} and {twin!r} differ in case alone, which databases don't see.",
            )
        table.columns[source.name] = column
    if not table.primary_key:
        _add_primary_key(draft, table)
    _add_mixins(draft, table)


def _taken_over(source: Column, pointer: str) -> DraftColumn:
    kind = _TYPES.get(source.type)
    return DraftColumn(
        name=source.name,
        pointer=pointer,
        source=source,
        type=kind,
        length=source.length,
        precision=source.precision,
        scale=source.scale,
        values=source.values or (),
        primary_key=source.primary_key,
        autoincrement=source.autoincrement,
        unique=source.unique,
        nullable=source.nullable and not source.primary_key,
        index=source.index,
    )


def _add_primary_key(draft: Draft, table: DraftTable) -> None:
    pointer = f"{table.pointer}/columns"
    if table.incomplete or any(column.doubtful for column in table.columns.values()):
        return  # one that could not be read may be the key
    if not table.columns:
        draft.findings.fault(pointer, "columns_missing", "A table needs at least one column.")
        return
    if not draft.source.options.add_missing_primary_keys:
        draft.findings.fault(
            pointer,
            "primary_key_missing",
            f"Table {table.name!r} has no primary key; mark a column, or let"
            " `options.add_missing_primary_keys` add one.",
        )
        return
    taken = {name.lower() for name in table.columns}
    name = names.free_name(("id", "row_id"), lambda candidate: candidate not in taken)
    added = DraftColumn(
        name=name,
        pointer=pointer,
        source=None,
        type=ColumnType.BIG_INTEGER,
        origin=ColumnOrigin.ADDED_PRIMARY_KEY,
        primary_key=True,
        autoincrement=True,
        nullable=False,
    )
    table.columns[name] = added
    draft.findings.warn(
        pointer, "primary_key_added", f"Table {table.name!r} got the primary key {name!r}."
    )


def _add_mixins(draft: Draft, table: DraftTable) -> None:
    options = table.source.options
    asked = {
        ColumnOrigin.TIMESTAMPS: options.use_timestamps,
        ColumnOrigin.SOFT_DELETE: options.use_soft_delete,
    }
    for name, (origin, kind, nullable) in _MIXINS.items():
        if not asked[origin]:
            continue
        declared = table.columns.get(name)
        if declared is not None:
            _check_declared_mixin(draft, declared, kind)
            continue
        twin = names.same_but_for_case(name, table.columns)
        if twin is not None:
            draft.findings.fault(
                f"{table.columns[twin].pointer}/name",
                "mixin_conflict",
                f"{twin!r} and the {name!r} that the table's options add differ in case alone.",
            )
            continue
        table.columns[name] = DraftColumn(
            name=name,
            pointer=f"{table.pointer}/options",
            source=None,
            type=kind,
            origin=origin,
            nullable=nullable,
        )


def _check_declared_mixin(draft: Draft, column: DraftColumn, kind: ColumnType) -> None:
    if column.doubtful:
        return
    if column.type is not kind:
        draft.findings.fault(
            f"{column.pointer}/name",
            "mixin_conflict",
            f"{column.name!r} must be a {kind}, since the table's options work with it.",
        )
    elif column.name == "deleted_at" and not column.nullable:
        draft.findings.fault(
            f"{column.pointer}/name",
            "mixin_conflict",
            "'deleted_at' must be nullable, since rows that are not deleted have none.",
        )
