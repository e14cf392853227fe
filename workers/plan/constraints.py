"""Keys, uniques, indexes and checks: what they are called and where they are declared.

Names are unique in the whole schema, as PostgreSQL and SQLite want them for indexes. The naming
convention of the generated `Base` makes the usual ones; only where it would make a name that is too
long or taken does a declaration say its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from common.document.graph import rings
from common.document.resolved import (
    DEFERRING,
    ResolvedDocument,
    ResolvedForeignKey,
    ResolvedMadeLink,
    ResolvedTable,
)
from workers import naming
from workers.plan.ir import ForeignKeyPlan, IndexPlan, UniquePlan

Attributes = Mapping[str, Mapping[str, str]]
"""By table and column: the attribute."""


@dataclass(frozen=True, slots=True)
class TableConstraints:
    """All constraints and indexes of one table but its checks."""

    primary_key_name: str
    primary_key_named: bool
    foreign_keys: tuple[ForeignKeyPlan, ...]
    uniques: tuple[UniquePlan, ...]
    indexes: tuple[IndexPlan, ...]

    @property
    def indexed(self) -> frozenset[str]:
        """All columns that are part of an index or a unique."""
        return frozenset(column for one in self.uniques for column in one.columns) | frozenset(
            column for one in self.indexes for column in one.columns
        )

    def keys_with(self, column: str) -> tuple[ForeignKeyPlan, ...]:
        """The foreign keys that a column is part of."""
        return tuple(key for key in self.foreign_keys if column in key.columns)


class NameBook:
    """The names that a schema has given away already."""

    def __init__(self, document: ResolvedDocument) -> None:
        self._taken = {name.lower() for name in document.build_order} | {"alembic_version"}

    def take(self, wanted: str, identity: str) -> str:
        """`wanted`, or one near it that is short enough and free; nobody else gets it again."""
        name = naming.database_name(wanted, self._taken, identity=identity)
        self._taken.add(name.lower())
        return name


def deferred_keys(document: ResolvedDocument) -> frozenset[ResolvedForeignKey]:
    """The keys that hold from the end of a transaction on, where the database can wait for it.

    They lie on a cycle of keys that can't be null: no first row would get into it otherwise.
    """
    if document.db_type not in DEFERRING:
        return frozenset()
    return frozenset(rings(key for table in document.tables for key in table.fixed_keys))


def plan_constraints(
    document: ResolvedDocument,
    table: ResolvedTable | ResolvedMadeLink,
    attributes: Attributes,
    names: NameBook,
    deferred: AbstractSet[ResolvedForeignKey],
) -> TableConstraints:
    """Names and places for what `table` declares."""
    wanted = f"pk_{table.name}"
    primary_key_name = names.take(wanted, table.name)
    everybody: tuple[ResolvedTable | ResolvedMadeLink, ...] = (
        *document.tables,
        *document.made_links,
    )
    referred = {
        key.target_columns
        for other in everybody
        for key in other.foreign_keys
        if key.target_table == table.name
    }
    uniques, indexes = _uniques_and_indexes(table, attributes[table.name], names, referred)
    return TableConstraints(
        primary_key_name=primary_key_name,
        primary_key_named=primary_key_name != wanted,
        foreign_keys=_foreign_keys(document, table, attributes, names, deferred),
        uniques=uniques,
        indexes=indexes,
    )


def _foreign_keys(
    document: ResolvedDocument,
    table: ResolvedTable | ResolvedMadeLink,
    attributes: Attributes,
    names: NameBook,
    deferred: AbstractSet[ResolvedForeignKey],
) -> tuple[ForeignKeyPlan, ...]:
    uses = Counter(column for key in table.foreign_keys for column in key.columns)
    columns = {column.name: column for column in table.columns}
    unique = _unique_sets(table)
    plans = []
    for key in table.foreign_keys:
        wanted = f"fk_{table.name}_{'_'.join(key.columns)}_{key.target_table}"
        name = names.take(wanted, _identity(key))
        target = document.table(key.target_table)
        cyclic = key in document.cyclic_keys
        plans.append(
            ForeignKeyPlan(
                name=name,
                table=table.name,
                columns=key.columns,
                attributes=tuple(attributes[table.name][column] for column in key.columns),
                target_table=key.target_table,
                target_columns=key.target_columns,
                target_attributes=tuple(
                    attributes[target.name][column] for column in key.target_columns
                ),
                target_class=target.class_name,
                on_delete=_on_delete(document, key),
                nullable=any(columns[column].nullable for column in key.columns),
                unique=any(one <= set(key.columns) for one in unique),
                inline=len(key.columns) == 1 and uses[key.columns[0]] == 1,
                named=cyclic or name != wanted,
                cyclic=cyclic,
                deferred=key in deferred,
            )
        )
    return tuple(plans)


def _unique_sets(table: ResolvedTable | ResolvedMadeLink) -> list[set[str]]:
    """The sets of columns of which no two rows have the same values."""
    sets = [{column.name for column in table.columns if column.primary_key}]
    sets += [{column.name} for column in table.columns if column.unique]
    if isinstance(table, ResolvedTable):
        sets += [set(unique.columns) for unique in table.uniques]
    return sets


def _on_delete(document: ResolvedDocument, key: ResolvedForeignKey) -> str | None:
    if key.on_delete == "NO ACTION":
        return None
    if key.on_delete == "RESTRICT" and document.db_type == "mssql":
        return None  # SQL Server has no word for it; its NO ACTION does the same
    return key.on_delete


def _identity(key: ResolvedForeignKey) -> str:
    return "\0".join((key.table, *key.columns, key.target_table, *key.target_columns))


def _uniques_and_indexes(
    table: ResolvedTable | ResolvedMadeLink,
    attributes: Mapping[str, str],
    names: NameBook,
    referred: AbstractSet[tuple[str, ...]],
) -> tuple[tuple[UniquePlan, ...], tuple[IndexPlan, ...]]:
    """What a table declares; a column that is both unique and indexed has one unique index.

    But for those that keys refer to (`referred`): a key needs a constraint, which is there as soon
    as the table is.
    """
    uniques: list[UniquePlan] = []
    indexes: list[IndexPlan] = []

    def add_unique(columns: tuple[str, ...], *, indexed: bool, declared: bool) -> None:
        prefix = "ix" if indexed else "uq"
        wanted = f"{prefix}_{table.name}_{'_'.join(columns)}"
        name = names.take(wanted, f"{prefix} {table.name} {columns}")
        uniques.append(
            UniquePlan(
                name=name,
                columns=columns,
                attributes=tuple(attributes[column] for column in columns),
                inline=declared and name == wanted,
                indexed=indexed,
            )
        )

    def add_index(columns: tuple[str, ...], *, declared: bool) -> None:
        wanted = f"ix_{table.name}_{'_'.join(columns)}"
        name = names.take(wanted, f"ix {table.name} {columns}")
        indexes.append(IndexPlan(name=name, columns=columns, inline=declared and name == wanted))

    if isinstance(table, ResolvedMadeLink):
        # Its primary key begins with the first key alone
        _, second = table.foreign_keys
        add_index(second.columns, declared=len(second.columns) == 1)
        return (), tuple(indexes)
    key = tuple(column.name for column in table.primary_key)
    for column in table.columns:
        alone = column.unique and (column.name,) != key
        together = alone and column.index and (column.name,) not in referred
        if alone:
            # `unique=True, index=True` is how SQLAlchemy spells one unique index
            apart = column.index and not together
            add_unique((column.name,), indexed=together, declared=not apart)
        if column.index and not together:
            add_index((column.name,), declared=True)
    for unique in table.uniques:
        add_unique(unique.columns, indexed=False, declared=False)
    for index in table.indexes:
        add_index(index.columns, declared=False)
    return tuple(uniques), tuple(indexes)
