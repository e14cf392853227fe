"""What a document asks a database to hold, read from the document's words alone.

Written a second time on purpose: the generator's own reading of a document (`resolve`, the plan)
is what is to be proven here, so nothing of it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from common.document.models import Column, ProjectDocument, Relationship, Table

_TIMESTAMPS: Final = ("created_at", "updated_at")


@dataclass(frozen=True, slots=True)
class ExpectedColumn:
    """One column, foreign ones with the type of their target."""

    name: str
    type: str
    """A word of the document but never `ForeignKey`."""
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    values: tuple[str, ...] = ()
    nullable: bool = True
    default: object = None
    """The JSON value; None for none."""
    default_is_now: bool = False
    counts_up: bool = False
    """Whether the database is to fill it with the next number."""
    counted: bool = False
    """Whether it is or refers to an integer of a primary key, which SQLite keeps as INTEGER."""


@dataclass(frozen=True, slots=True)
class ExpectedKey:
    """One foreign key; the pairs of columns are sorted."""

    pairs: tuple[tuple[str, str], ...]
    target_table: str
    on_delete: str

    def __str__(self) -> str:
        own = ", ".join(own for own, _ in self.pairs)
        theirs = ", ".join(theirs for _, theirs in self.pairs)
        return f"({own}) to {self.target_table}({theirs}) on delete {self.on_delete}"


@dataclass(frozen=True, slots=True)
class ExpectedTable:
    """One table."""

    name: str
    columns: dict[str, ExpectedColumn]
    primary_key: tuple[str, ...]
    """Empty where the document declares none and asks for one to be added."""
    foreign_keys: frozenset[ExpectedKey]
    uniques: frozenset[frozenset[str]]
    indexes: frozenset[tuple[str, ...]]
    checks: tuple[str, ...]
    maybe_unique: frozenset[frozenset[str]]
    """The keys of one-to-one relationships, which may be held to it by the database."""
    waiting: frozenset[ExpectedKey]
    """Keys on a ring of which every row has to fill all, so that they have to wait."""


@dataclass(frozen=True, slots=True)
class ExpectedLink:
    """A table between two others that a many-to-many asks for without declaring it."""

    name: str | None
    """None where the document leaves the name open."""
    between: tuple[str, str]
    """Table names, sorted."""


@dataclass(frozen=True, slots=True)
class ExpectedDatabase:
    """All that a document asks for."""

    tables: dict[str, ExpectedTable]
    links: frozenset[ExpectedLink] = field(default_factory=frozenset)


def expect(document: ProjectDocument) -> ExpectedDatabase:
    """Read a document that was accepted."""
    tables = {table.table_name: table for table in document.tables}
    expected = {name: _table(table, tables) for name, table in tables.items()}
    links = frozenset(_links(tables))
    if document.options.auth == "jwt":
        users = _users(document, links)
        expected[users.name] = users
    return ExpectedDatabase(tables=expected, links=links)


def _users(document: ProjectDocument, links: frozenset[ExpectedLink]) -> ExpectedTable:
    """The table that `options.auth` adds, as docs/document.md says it."""
    taken = {table.table_name.lower() for table in document.tables}
    taken |= {link.name or "_".join(link.between) for link in links}
    classes = {table.class_name.lower() for table in document.tables}
    for number in ("", *map(str, range(2, len(taken) + len(classes) + 3))):
        name = f"auth_users_{number}" if number else "auth_users"
        if name not in taken and f"authuser{number}" not in classes:
            break
    columns = (
        ExpectedColumn("id", "UUID", nullable=False),
        ExpectedColumn("username", "String", length=150, nullable=False),
        ExpectedColumn("password_hash", "String", length=255, nullable=False),
        ExpectedColumn("is_active", "Boolean", nullable=False, default=True),
    )
    return ExpectedTable(
        name=name,
        columns={column.name: column for column in columns},
        primary_key=("id",),
        foreign_keys=frozenset(),
        uniques=frozenset({frozenset({"username"})}),
        indexes=frozenset(),
        checks=(),
        maybe_unique=frozenset(),
        waiting=frozenset(),
    )


def _table(table: Table, tables: dict[str, Table]) -> ExpectedTable:
    columns = {column.name: _column(column, table, tables) for column in table.columns}
    for added in _added_columns(table):
        columns.setdefault(added.name, added)
    primary_key = tuple(column.name for column in table.columns if column.primary_key)
    declared = {frozenset({column.name}) for column in table.columns if column.unique}
    uniques = (declared | {frozenset(names) for names in table.unique}) - {frozenset(primary_key)}
    indexes = {(column.name,) for column in table.columns if column.index} | set(table.indexes)
    return ExpectedTable(
        name=table.table_name,
        columns=columns,
        primary_key=primary_key,
        foreign_keys=frozenset(_foreign_keys(table)),
        uniques=frozenset(uniques),
        indexes=frozenset(indexes),
        checks=table.checks,
        maybe_unique=frozenset(_one_to_one_keys(table, tables)),
        waiting=frozenset(_waiting(table, tables)),
    )


def _column(column: Column, table: Table, tables: dict[str, Table]) -> ExpectedColumn:
    source, source_table = column, table
    seen = set()
    while source.type == "ForeignKey" and source.target is not None:
        place = (source_table.table_name, source.name)
        if place in seen:
            break
        seen.add(place)
        target_table, _, target = source.target.partition(".")
        source_table = tables[target_table]
        found = next((each for each in source_table.columns if each.name == target), None)
        if found is None:
            return _copy_of_added(column, source_table, target)
        source = found
    key = [each for each in source_table.columns if each.primary_key]
    return ExpectedColumn(
        name=column.name,
        type=source.type,
        length=source.length,
        precision=source.precision,
        scale=source.scale,
        values=source.values or (),
        nullable=column.nullable and not column.primary_key,
        default=column.default,
        counts_up=_counts_up(column, table),
        counted=source in key,
    )


def _counts_up(column: Column, table: Table) -> bool:
    """Whether it is a whole key that is counted up; of a part of one, not every database can."""
    key = [each.name for each in table.columns if each.primary_key]
    return column.autoincrement and column.type != "ForeignKey" and key == [column.name]


def _copy_of_added(column: Column, table: Table, target: str) -> ExpectedColumn:
    """A foreign key to a column that an option added."""
    added = {each.name: each for each in _added_columns(table)}
    source = added.get(target, ExpectedColumn(target, "BigInteger", counted=True))
    nullable = column.nullable and not column.primary_key
    return replace(
        source, name=column.name, nullable=nullable, default=column.default, default_is_now=False
    )


def _added_columns(table: Table) -> Iterator[ExpectedColumn]:
    if table.options.use_timestamps:
        for name in _TIMESTAMPS:
            yield ExpectedColumn(name, "DateTime", nullable=False, default_is_now=True)
    if table.options.use_soft_delete:
        yield ExpectedColumn("is_deleted", "Boolean", nullable=False, default=False)
        yield ExpectedColumn("deleted_at", "DateTime")


def _foreign_keys(table: Table) -> Iterator[ExpectedKey]:
    for column in table.columns:
        if column.target is not None:
            target_table, _, target = column.target.partition(".")
            yield ExpectedKey(((column.name, target),), target_table, column.on_delete)
    for key in table.foreign_keys:
        pairs = tuple(sorted(zip(key.columns, key.target_columns, strict=True)))
        yield ExpectedKey(pairs, key.target_table, key.on_delete)


def _filled_keys(table: Table) -> Iterator[ExpectedKey]:
    """The foreign keys that every row has to fill."""
    nullable = {each.name for each in table.columns if each.nullable and not each.primary_key}
    for key in _foreign_keys(table):
        if nullable.isdisjoint(own for own, _ in key.pairs):
            yield key


def _waiting(table: Table, tables: dict[str, Table]) -> Iterator[ExpectedKey]:
    """Those of them that lead back to their table: the first row would need another one."""
    for key in _filled_keys(table):
        reached, ahead = set[str](), [key.target_table]
        while ahead:
            name = ahead.pop()
            if name not in reached:
                reached.add(name)
                ahead += [each.target_table for each in _filled_keys(tables[name])]
        if table.table_name in reached:
            yield key


def _one_to_one_keys(table: Table, tables: dict[str, Table]) -> Iterator[frozenset[str]]:
    """Foreign keys of `table` along which a one-to-one may run, from whichever side it is told."""
    partners = {each.target_table for each in table.relationships if each.type == "one_to_one"}
    for other in tables.values():
        if any(
            each.type == "one_to_one" and each.target_table == table.table_name
            for each in other.relationships
        ):
            partners.add(other.table_name)
    for key in _foreign_keys(table):
        if key.target_table in partners:
            yield frozenset(own for own, _ in key.pairs)


def _links(tables: dict[str, Table]) -> Iterator[ExpectedLink]:
    for table in tables.values():
        for each in table.relationships:
            if each.type != "many_to_many" or each.secondary in tables:
                continue
            between = sorted((table.table_name, each.target_table))
            if each.secondary is None and _is_joined(between, tables):
                continue
            if each.secondary is None and _is_named_elsewhere(each, table, tables):
                continue
            yield ExpectedLink(each.secondary, (between[0], between[1]))


def _is_joined(between: list[str], tables: dict[str, Table]) -> bool:
    """Whether a declared table lies between: one key to each side, and no need of other values."""
    for table in tables.values():
        keys = [key for key in _foreign_keys(table) if key.target_table in between]
        if table.table_name in between or sorted(key.target_table for key in keys) != between:
            continue
        joined = {own for key in keys for own, _ in key.pairs}
        if all(column.name in joined or _fills_itself(column) for column in table.columns):
            return True
    return False


def _fills_itself(column: Column) -> bool:
    """Whether a row can be made without a value for the column."""
    nullable = column.nullable and not column.primary_key
    return nullable or column.autoincrement or column.has_default


def _is_named_elsewhere(relationship: Relationship, table: Table, tables: dict[str, Table]) -> bool:
    """Whether the other side says which table lies between."""
    return any(
        each.type == "many_to_many"
        and each.target_table == table.table_name
        and each.secondary is not None
        for each in tables[relationship.target_table].relationships
    )
