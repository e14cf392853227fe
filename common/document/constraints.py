"""What a table says of its columns together: uniques, indexes and conditions."""

from __future__ import annotations

from common.document.draft import Draft, DraftTable
from common.document.indexes import column_fault, columns_fault
from common.document.keys import find_column
from common.document.resolved import ResolvedIndex, ResolvedUnique


def resolve_constraints(draft: Draft, table: DraftTable) -> None:
    """Take over `unique` and `indexes` of one table."""
    known = {frozenset(table.primary_key)}
    for index, columns in enumerate(table.source.unique):
        pointer = f"{table.pointer}/unique/{index}"
        if not _sound(draft, table, pointer, columns, unique=True):
            continue
        if frozenset(columns) in known or (len(columns) == 1 and table.columns[columns[0]].unique):
            draft.findings.warn(pointer, "redundant", "These columns are unique already.")
            continue
        known.add(frozenset(columns))
        table.uniques.append(ResolvedUnique(columns, pointer))
    for index, columns in enumerate(table.source.indexes):
        pointer = f"{table.pointer}/indexes/{index}"
        if not _sound(draft, table, pointer, columns, unique=False):
            continue
        if columns in [other.columns for other in table.indexes] or (
            len(columns) == 1 and table.columns[columns[0]].index
        ):
            draft.findings.warn(pointer, "redundant", "These columns are indexed already.")
            continue
        table.indexes.append(ResolvedIndex(columns, pointer))


def _sound(
    draft: Draft, table: DraftTable, pointer: str, columns: tuple[str, ...], *, unique: bool
) -> bool:
    if len(set(columns)) != len(columns):
        draft.findings.fault(pointer, "duplicate_column", "A column is listed more than once.")
        return False
    found = [
        find_column(draft, table, name, f"{pointer}/{position}")
        for position, name in enumerate(columns)
    ]
    for position, column in enumerate(found):
        if column is None or column.doubtful:
            continue
        complaint = column_fault(draft, column, unique=unique)
        if complaint is not None:
            draft.findings.fault(f"{pointer}/{position}", "not_indexable", complaint)
    complaint = columns_fault(draft, [column for column in found if column is not None])
    if complaint is not None:
        draft.findings.fault(pointer, "not_indexable", complaint)
    return None not in found
