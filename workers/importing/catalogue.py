"""What reflection does not tell: types as they were written, and what is there beside tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa

from common.document.resolved import DbType
from workers.importing.source import Note, SourceCheck, SqlType
from workers.importing.type_text import parse_type, sqlite_type

Reference = tuple[str, str, tuple[str, ...]]
"""A foreign key: its table, the table that it refers to in lower case, its columns."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Of one schema."""

    types: dict[str, dict[str, SqlType]] = field(default_factory=dict)
    """By table and column, where the database can say more than reflection."""
    left_out: frozenset[str] = frozenset()
    """Tables that are parts of others."""
    actions: dict[Reference, tuple[str, str]] | None = None
    """What a foreign key does on delete and on update."""
    defaults: dict[str, dict[str, str]] = field(default_factory=dict)
    """By table and column: those that reflection misses."""
    renewed: frozenset[tuple[str, str]] = frozenset()
    """Tables and columns that each change of a row sets to the present."""
    checks: dict[str, list[SourceCheck]] | None = None
    """By table; None where reflection finds them all."""
    uniques: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    """By table, the columns of each unique constraint, where reflection misses some."""
    notes: tuple[Note, ...] = ()


def open_catalogue(connection: sa.Connection, db_type: DbType, schema: str | None) -> Catalogue:
    """Read what there is to read about `schema`."""
    match db_type:
        case "sqlite":
            return _of_sqlite(connection)
        case "postgresql":
            return _of_postgresql(connection, schema or "public")
        case "mysql":
            return _of_mysql(connection)
        case "mssql":
            return Catalogue()


def _of_sqlite(connection: sa.Connection) -> Catalogue:
    types: dict[str, dict[str, SqlType]] = {}
    notes: list[Note] = []
    actions: dict[Reference, tuple[str, str]] = {}
    uniques: dict[str, list[tuple[str, ...]]] = {}
    for kind, name, table, sql in connection.execute(_SQLITE_OBJECTS).all():
        if kind == "trigger":
            notes.append(Note(table, f"the trigger {name} is not taken over"))
        elif kind == "index" and (text := _told_by_index(sql)):
            notes.append(Note(f"{table}.{name}", text))
        if kind != "table":
            continue
        rows = connection.execute(_SQLITE_COLUMNS, {"name": name})
        written_types = {str(column): str(text) for column, text in rows}
        types[name] = {column: sqlite_type(text) for column, text in written_types.items()}
        notes += (
            Note(f"{name}.{column}", f"{text} is no type of SQLite's, who takes it for {kind.name}")
            for column, text in written_types.items()
            if (kind := types[name][column]).name != parse_type(text).name
        )
        notes += (Note(name, text) for text in _told_by_sqlite(sql))
        wanted = {"name": name}
        for number, target, on_delete, on_update in connection.execute(_SQLITE_KEYS, wanted).all():
            key = connection.execute(_SQLITE_KEY_COLUMNS, wanted | {"id": number})
            actions[name, target.lower(), tuple(key.scalars())] = (on_delete, on_update)
        uniques[name] = [
            tuple(connection.execute(_SQLITE_INDEX_COLUMNS, {"name": index}).scalars())
            for index in connection.execute(_SQLITE_UNIQUES, wanted).scalars()
        ]
    return Catalogue(types, actions=actions, uniques=uniques, notes=tuple(notes))


def _told_by_sqlite(sql: str) -> Iterator[str]:
    words = " ".join(sql.upper().split())
    for clause, text in (
        ("WITHOUT ROWID", "WITHOUT ROWID is not kept"),
        (") STRICT", "STRICT is not kept"),
        ("COLLATE NOCASE", "COLLATE NOCASE is not kept; texts compare with regard for case"),
        ("COLLATE RTRIM", "COLLATE RTRIM is not kept"),
        ("ON CONFLICT", "ON CONFLICT is not kept"),
        ("CREATE VIRTUAL TABLE", "a virtual table became an ordinary one"),
    ):
        if clause in words:
            yield text


def _told_by_index(sql: str) -> str | None:
    """What reflection leaves out of an index, or leaves it out for."""
    columns = sql.partition("(")[2]
    if "(" in columns.upper().partition(" WHERE ")[0]:
        return "an index on expressions is left out"
    return "the index runs upwards, not down" if _DOWN.search(columns) else None


def _of_mysql(connection: sa.Connection) -> Catalogue:
    notes = [Note(table, text) for table, text in connection.execute(_MYSQL_EXTRAS)]
    types: dict[str, dict[str, SqlType]] = {}
    defaults: dict[str, dict[str, str]] = {}
    renewed: set[tuple[str, str]] = set()
    for table, column, kind, written, default, extra in connection.execute(_MYSQL_COLUMNS):
        if kind in _SHAPES or kind.startswith("multi"):
            types.setdefault(table, {})[column] = SqlType("GEOMETRY", written=str(written))
        if kind == "bit" and default is not None:
            defaults.setdefault(table, {})[column] = str(default)
        if "on update" in extra.lower():
            renewed.add((table, column))
    checks: dict[str, list[SourceCheck]] | None = None
    if getattr(connection.dialect, "is_mariadb", False):
        checks = {}
        for table, name, condition in connection.execute(_MARIADB_CHECKS):
            checks.setdefault(table, []).append(SourceCheck(name, condition))
    return Catalogue(
        types, defaults=defaults, renewed=frozenset(renewed), checks=checks, notes=tuple(notes)
    )


def _of_postgresql(connection: sa.Connection, schema: str) -> Catalogue:
    types: dict[str, dict[str, SqlType]] = {}
    notes: list[Note] = []
    left_out: set[str] = set()
    wanted = {"schema": schema}
    for table, column, written, base, collation in connection.execute(_PG_COLUMNS, wanted):
        types.setdefault(table, {})[column] = parse_type(base or written, written=written)
        if base:
            notes.append(
                Note(f"{table}.{column}", f"the domain {written} became {base}; its rules are gone")
            )
        if collation:
            notes.append(Note(f"{table}.{column}", f"its collation {collation} is not kept"))
    for table, parent, is_partition in connection.execute(_PG_PARENTS, wanted):
        if is_partition:
            left_out.add(table)
            notes.append(Note(table, f"a partition of {parent} is not a table of its own"))
        else:
            notes.append(Note(table, f"it inherits from {parent}: now a table of its own"))
    for table, text in connection.execute(_PG_EXTRAS, wanted):
        notes.append(Note(table, text))
    return Catalogue(types, frozenset(left_out), notes=tuple(notes))


_DOWN = re.compile(r"\bDESC\b", re.IGNORECASE)
_SQLITE_OBJECTS = sa.text(
    "SELECT type, name, tbl_name, sql FROM sqlite_master"
    " WHERE type IN ('table', 'trigger', 'index') AND sql IS NOT NULL"
    " AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY rowid"
)
_SQLITE_COLUMNS = sa.text("SELECT name, type FROM pragma_table_xinfo(:name)")
_SQLITE_KEYS = sa.text(
    'SELECT DISTINCT id, "table", on_delete, on_update FROM pragma_foreign_key_list(:name)'
)
_SQLITE_KEY_COLUMNS = sa.text(
    'SELECT "from" FROM pragma_foreign_key_list(:name) WHERE id = :id ORDER BY seq'
)
# Reflection reads these from the SQL with a pattern, which misses those behind some types
_SQLITE_UNIQUES = sa.text(
    "SELECT name FROM pragma_index_list(:name) WHERE origin = 'u' ORDER BY seq DESC"
)
_SQLITE_INDEX_COLUMNS = sa.text("SELECT name FROM pragma_index_info(:name) ORDER BY seqno")
_MYSQL_EXTRAS = sa.text(
    """
    SELECT event_object_table, CONCAT('the trigger ', trigger_name, ' is not taken over')
      FROM information_schema.triggers WHERE trigger_schema = DATABASE()
    UNION ALL SELECT routine_name, CONCAT('the ', LOWER(routine_type), ' is not taken over')
      FROM information_schema.routines WHERE routine_schema = DATABASE()
    UNION ALL SELECT DISTINCT table_name, 'its partitions are not kept'
      FROM information_schema.partitions
      WHERE table_schema = DATABASE() AND partition_name IS NOT NULL
    UNION ALL SELECT CONCAT(table_name, '.', column_name), 'ZEROFILL is not kept'
      FROM information_schema.columns
      WHERE table_schema = DATABASE() AND column_type LIKE '%zerofill%'
    UNION ALL SELECT CONCAT(c.table_name, '.', c.column_name),
                     CONCAT('its collation ', c.collation_name, ' is not kept')
      FROM information_schema.columns c JOIN information_schema.tables t
        ON t.table_schema = c.table_schema AND t.table_name = c.table_name
      WHERE c.table_schema = DATABASE() AND c.collation_name <> t.table_collation
        AND c.data_type NOT IN ('json', 'longtext')
    """
)
_SHAPES = frozenset({"point", "linestring", "polygon", "geometry", "geometrycollection"})
_MYSQL_COLUMNS = sa.text(
    "SELECT table_name, column_name, data_type, column_type, column_default, extra"
    " FROM information_schema.columns WHERE table_schema = DATABASE()"
)
_MARIADB_CHECKS = sa.text(
    "SELECT table_name, constraint_name, check_clause FROM information_schema.check_constraints"
    " WHERE constraint_schema = DATABASE() ORDER BY table_name, constraint_name"
)
_PG_COLUMNS = sa.text(
    """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
           CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
           CASE WHEN a.attcollation <> t.typcollation THEN l.collname END
      FROM pg_attribute a
      JOIN pg_class c ON c.oid = a.attrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_type t ON t.oid = a.atttypid
      LEFT JOIN pg_collation l ON l.oid = a.attcollation
     WHERE n.nspname = :schema AND c.relkind IN ('r', 'p')
       AND a.attnum > 0 AND NOT a.attisdropped
     ORDER BY c.relname, a.attnum
    """
)
_PG_PARENTS = sa.text(
    """
    SELECT c.relname, p.relname, c.relispartition
      FROM pg_inherits i
      JOIN pg_class c ON c.oid = i.inhrelid
      JOIN pg_class p ON p.oid = i.inhparent
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = :schema AND c.relkind IN ('r', 'p')
     ORDER BY c.relname, i.inhseqno
    """
)
_PG_EXTRAS = sa.text(
    """
    SELECT c.relname, 'its partitions are not kept' FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = :schema AND c.relkind = 'p' AND NOT c.relispartition
    UNION ALL
    SELECT c.relname, 'the materialized view is not taken over' FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = :schema AND c.relkind = 'm'
    UNION ALL
    SELECT c.relname, 'the trigger ' || t.tgname || ' is not taken over' FROM pg_trigger t
      JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = :schema AND NOT t.tgisinternal AND NOT c.relispartition
    UNION ALL
    SELECT c.relname, 'the exclusion constraint ' || x.conname || ' is left out'
      FROM pg_constraint x JOIN pg_class c ON c.oid = x.conrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = :schema AND x.contype = 'x' AND NOT c.relispartition
    UNION ALL
    SELECT c.relname, 'row level security is not taken over' FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = :schema AND c.relrowsecurity
    UNION ALL
    SELECT c.relname, 'the policy ' || p.polname || ' is not taken over'
      FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = :schema
    UNION ALL
    SELECT p.proname, 'the function is not taken over' FROM pg_proc p
      JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = :schema
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
     ORDER BY 1, 2
    """
)
