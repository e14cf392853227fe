"""The document on its way to being resolved: what is known so far, still to be changed.

A draft is made from whatever could be read. Where a part was faulty in itself, `doubtful` and
`incomplete` say so, and the checks that follow don't blame the rest of the document for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from common.document.findings import Findings
from common.document.models import Column, ProjectDocument, Table
from common.document.resolved import (
    ColumnOrigin,
    ColumnType,
    DbType,
    ResolvedForeignKey,
    ResolvedIndex,
    ResolvedRelationship,
    ResolvedUnique,
)


@dataclass(slots=True)
class DraftColumn:
    """A column; `type` is None until the target of its foreign key is known."""

    name: str
    pointer: str
    source: Column | None
    type: ColumnType | None
    origin: ColumnOrigin = ColumnOrigin.DECLARED
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    values: tuple[str, ...] = ()
    enum_of: tuple[str, str] | None = None
    primary_key: bool = False
    autoincrement: bool = False
    unique: bool = False
    nullable: bool = True
    index: bool = False
    doubtful: bool = False


@dataclass(slots=True)
class DraftTable:
    """A table with the columns that options added; foreign keys and the rest come step by step."""

    index: int
    source: Table
    columns: dict[str, DraftColumn] = field(default_factory=dict)
    foreign_keys: list[ResolvedForeignKey] = field(default_factory=list)
    uniques: list[ResolvedUnique] = field(default_factory=list)
    indexes: list[ResolvedIndex] = field(default_factory=list)
    relationships: list[ResolvedRelationship] = field(default_factory=list)
    unique_sets: frozenset[frozenset[str]] = frozenset()
    """The columns of each entry of `unique`."""
    incomplete: bool = False
    """Whether a column could not be read, so that a missing one proves nothing."""

    @property
    def name(self) -> str:
        """The table's name."""
        return self.source.table_name

    @property
    def pointer(self) -> str:
        """Where the table stands in the document."""
        return f"/schema/{self.index}"

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Names of the columns of the primary key, in the order of the table."""
        return tuple(column.name for column in self.columns.values() if column.primary_key)

    def is_unique(self, columns: tuple[str, ...]) -> bool:
        """Whether no two rows can agree in all of `columns` (in any order)."""
        wanted = set(columns)
        if wanted == set(self.primary_key):
            return True
        if len(columns) == 1 and columns[0] in self.columns and self.columns[columns[0]].unique:
            return True
        return frozenset(wanted) in self.unique_sets


@dataclass(slots=True)
class Draft:
    """A whole document on its way; `tables` by name, in the order of the document."""

    source: ProjectDocument
    findings: Findings
    tables: dict[str, DraftTable] = field(default_factory=dict)
    doubtful: frozenset[str] = frozenset()
    """Pointers of parts that were faulty in themselves and stand here as something else."""
    incomplete: bool = False
    """Whether a table could not be read, so that a missing one proves nothing."""

    @property
    def db_type(self) -> DbType:
        """The database that the project is for."""
        return self.source.db_type

    def foreign_keys(self) -> Iterator[ResolvedForeignKey]:
        """All foreign keys, table by table."""
        for table in self.tables.values():
            yield from table.foreign_keys
