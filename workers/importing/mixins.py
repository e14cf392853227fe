"""The columns that options of a table stand for, as the generator lays them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from common.document.resolved import DbType
from workers.importing.column_types import DocumentType
from workers.importing.default_values import UnsayableError
from workers.importing.expressions import Present, Value, read_default
from workers.importing.source import SourceColumn, SourceTable

_TIMESTAMPS: Final = ("created_at", "updated_at")
_SOFT_DELETE: Final = ("is_deleted", "deleted_at")


@dataclass(frozen=True, slots=True)
class Mixins:
    """What was recognised."""

    use_timestamps: bool = False
    use_soft_delete: bool = False
    implied: frozenset[str] = frozenset()
    """Columns that need not be declared, since they stand where the options put them."""


def recognise(table: SourceTable, types: Mapping[str, DocumentType], db_type: DbType) -> Mixins:
    """Which options lay out columns like those of `table`.

    The mark of `use_timestamps` is that the present is a default, which no document can say in
    another way; that of `use_soft_delete` is the two columns at the end of the table.
    """
    columns = {column.name: column for column in table.columns}
    order = [column.name for column in table.columns]
    implied: set[str] = set()
    soft_delete = tuple(order[-2:]) == _SOFT_DELETE and _is_soft_delete(columns, types, db_type)
    if soft_delete:
        implied |= set(_SOFT_DELETE)
        order = order[:-2]
    timestamps = all(
        name in columns and types[name].word == "DateTime" for name in _TIMESTAMPS
    ) and any(_is_now(columns[name], db_type) for name in _TIMESTAMPS)
    if timestamps:
        for name in reversed(_TIMESTAMPS):
            column = columns[name]
            if order and order[-1] == name and not column.nullable and _is_now(column, db_type):
                implied.add(name)
                order.pop()
    return Mixins(timestamps, soft_delete, frozenset(implied))


def _is_soft_delete(
    columns: Mapping[str, SourceColumn], types: Mapping[str, DocumentType], db_type: DbType
) -> bool:
    flag, moment = (columns[name] for name in _SOFT_DELETE)
    if types[flag.name].word != "Boolean" or types[moment.name].word != "DateTime":
        return False
    if flag.nullable or not moment.nullable or flag.default is None:
        return False
    try:
        default = read_default(flag.default, db_type)
    except UnsayableError:
        return False
    empty = moment.default is None or moment.default.upper() == "NULL"
    return empty and isinstance(default, Value) and default.content in {False, "0", "f", "false"}


def _is_now(column: SourceColumn, db_type: DbType) -> bool:
    if column.default is None:
        return False
    try:
        return isinstance(read_default(column.default, db_type), Present)
    except UnsayableError:
        return False
