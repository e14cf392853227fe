"""What can be a key, unique or indexed in which database."""

from __future__ import annotations

from collections.abc import Sequence

from common.document.columns import MYSQL_LONGEST_STRING
from common.document.draft import Draft, DraftColumn, DraftTable
from common.document.resolved import ColumnType

# MySQL can index a prefix of these at most, SQL Server none of them at all.
_UNINDEXABLE = {ColumnType.TEXT, ColumnType.LARGE_BINARY, ColumnType.JSON}
_PICKY = {"mysql", "mssql"}
_MAX_COLUMNS = {"postgresql": 32, "mysql": 16, "sqlite": 2000, "mssql": 32}
_MYSQL_KEY_CHARACTERS = 768
"""InnoDB's 3,072 bytes, at four bytes a character."""


def check_keys(draft: Draft, table: DraftTable) -> None:
    """Note what the columns of one table say of themselves and the database can't do."""
    for column in table.columns.values():
        for member, asked in (
            ("primary_key", column.primary_key),
            ("unique", column.unique),
            ("index", column.index),
        ):
            complaint = column_fault(draft, column, unique=member != "index") if asked else None
            if complaint is not None and not column.doubtful:
                declared = column.source is not None and member in column.source.model_fields_set
                pointer = f"{column.pointer}/{member}" if declared else column.pointer
                draft.findings.fault(pointer, "not_indexable", complaint)
    complaint = columns_fault(draft, [table.columns[name] for name in table.primary_key])
    if complaint is not None:
        draft.findings.fault(f"{table.pointer}/columns", "not_indexable", complaint)


def column_fault(draft: Draft, column: DraftColumn, *, unique: bool) -> str | None:
    """Why `column` can't be part of an index (of a unique one or a key), or None if it can."""
    if unique and column.type is ColumnType.JSON:
        return f"{column.name} is JSON, which can't be compared, so it can't be a key or unique."
    wide = draft.db_type == "mysql" and (column.length or 0) > MYSQL_LONGEST_STRING
    if draft.db_type in _PICKY and (wide or column.type in _UNINDEXABLE):
        kind = "long String" if wide else column.type
        return f"{draft.db_type} can't index {column.name}, a {kind}; use a shorter String."
    if draft.db_type == "mysql" and (column.length or 0) > _MYSQL_KEY_CHARACTERS:
        return f"MySQL can't index more than {_MYSQL_KEY_CHARACTERS} characters of {column.name}."
    return None


def columns_fault(draft: Draft, columns: Sequence[DraftColumn]) -> str | None:
    """Why `columns` can't make an index together though each of them could; None if they can."""
    if len(columns) > _MAX_COLUMNS[draft.db_type]:
        return f"{draft.db_type} indexes at most {_MAX_COLUMNS[draft.db_type]} columns together."
    sizes = [column.length or 0 for column in columns]
    if draft.db_type == "mysql" and max(sizes, default=0) <= _MYSQL_KEY_CHARACTERS < sum(sizes):
        return f"MySQL indexes at most {_MYSQL_KEY_CHARACTERS} characters together."
    return None
