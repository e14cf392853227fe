"""Reads a live database by SQLAlchemy's reflection."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from common.document.resolved import DbType
from common.errors import BackboneError
from workers.importing.catalogue import Catalogue, open_catalogue
from workers.importing.expressions import json_tested
from workers.importing.source import (
    Note,
    Source,
    SourceCheck,
    SourceColumn,
    SourceIndex,
    SourceKey,
    SourceTable,
    SqlType,
)
from workers.importing.type_text import parse_type

_DRIVERS: Final[dict[str, tuple[DbType, str]]] = {
    "postgresql": ("postgresql", "postgresql+psycopg"),
    "postgres": ("postgresql", "postgresql+psycopg"),
    "mysql": ("mysql", "mysql+pymysql"),
    "mariadb": ("mysql", "mariadb+pymysql"),
    "sqlite": ("sqlite", "sqlite"),
    "mssql": ("mssql", "mssql+pyodbc"),
}
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "Z": "\x1a"}
_RENEWED: Final = re.compile(r"\s*\bON UPDATE\b.*", re.IGNORECASE | re.DOTALL)
_SECONDS: Final = 10
"""That connecting may take."""
MIGRATIONS: Final = "alembic_version"


class SourceUnreadableError(BackboneError):
    """The database or the file can't be read; the message says why."""


def read_live(url: str | URL, schemas: Sequence[str] = ()) -> Source:
    """Everything in the database at `url`; SourceUnreadableError if it can't be reached."""
    target, db_type = _target(url)
    refuse_schemas(db_type, schemas)
    engine = sa.create_engine(
        _read_only(target), poolclass=sa.NullPool, connect_args=_arguments(target)
    )
    try:
        with engine.connect() as connection:
            return read_connection(
                connection, db_type, name=_name(target), schemas=schemas or _usual(db_type)
            )
    except ModuleNotFoundError as error:
        raise SourceUnreadableError(f"Reading {db_type} needs the package {error.name}.") from None
    except SQLAlchemyError as error:
        raise SourceUnreadableError(
            f"Can't read {target.render_as_string()}: {_reason(error, target)}"
        ) from None


def refuse_schemas(db_type: DbType, schemas: Sequence[str]) -> None:
    """SourceUnreadableError for schemas of a database that has none."""
    if schemas and db_type in {"mysql", "sqlite"}:
        raise SourceUnreadableError(
            f"--schema is for PostgreSQL and SQL Server; this is {db_type}, which has no schemas."
        )


def _target(url: str | URL) -> tuple[URL, DbType]:
    try:
        given = make_url(url)
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        raise SourceUnreadableError(
            "This is no database URL; write postgresql://USER@HOST/DATABASE."
        ) from None
    backend = given.drivername.partition("+")[0]
    if backend not in _DRIVERS:
        raise SourceUnreadableError(
            f"There is no dialect {backend!r}; there are {', '.join(sorted(_DRIVERS))}."
        )
    db_type, driver = _DRIVERS[backend]
    target = given.set(drivername=driver)
    if db_type == "sqlite" and (not target.database or not Path(target.database).is_file()):
        raise SourceUnreadableError(f"There is no file {target.database or '(none named)'}.")
    try:
        target.get_dialect()
    except NoSuchModuleError:  # pragma: no cover - SQLAlchemy brings all of them
        raise SourceUnreadableError(f"There is no dialect {backend!r}.") from None
    return target, db_type


def _read_only(target: URL) -> URL:
    """The same; a file of SQLite's is opened so that it stays as it is."""
    if target.get_backend_name() != "sqlite":
        return target
    path = quote(str(Path(target.database or "").absolute()))
    return URL.create("sqlite", database=f"file:{path}", query={"mode": "ro", "uri": "true"})


def _arguments(target: URL) -> dict[str, Any]:
    if target.get_backend_name() == "sqlite":
        return {}
    return {"timeout" if target.get_backend_name() == "mssql" else "connect_timeout": _SECONDS}


def _name(target: URL) -> str:
    name = target.database or target.get_backend_name()
    return Path(name).stem if target.get_backend_name() == "sqlite" else name


def _usual(db_type: DbType) -> tuple[str | None, ...]:
    return ("public",) if db_type == "postgresql" else (None,)


def _reason(error: SQLAlchemyError, target: URL) -> str:
    """The first line of what the driver says, without the password."""
    said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    line = " ".join(said.split())
    for secret in {str(target.password or ""), str(target.render_as_string(hide_password=False))}:
        line = line.replace(secret, "***") if secret else line
    return line


def read_connection(
    connection: sa.Connection, db_type: DbType, *, name: str, schemas: Sequence[str | None]
) -> Source:
    """Everything that an open connection sees in `schemas`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)  # of what it skips; the catalogue knows
        tables: list[SourceTable] = []
        notes: list[Note] = []
        migrated = False
        for schema in schemas:
            reader = _Schema(connection, db_type, schema)
            tables += reader.tables()
            notes += reader.notes
            migrated |= reader.migrated
    return Source(db_type, name, tuple(tables), tuple(notes), migrated=migrated)


class _Schema:
    """The reading of one schema."""

    def __init__(self, connection: sa.Connection, db_type: DbType, schema: str | None) -> None:
        self._inspector = sa.inspect(connection)
        self._dialect = connection.dialect
        self._db_type = db_type
        self._schema = schema
        self._catalogue: Catalogue = open_catalogue(connection, db_type, schema)
        self.notes: list[Note] = list(self._catalogue.notes)
        self.migrated = False

    def tables(self) -> list[SourceTable]:
        names = self._inspector.get_table_names(schema=self._schema)
        self.migrated = MIGRATIONS in names
        if self._db_type == "sqlite":
            names.sort(key=list(self._catalogue.types).index)  # as they were made
        for view in self._inspector.get_view_names(schema=self._schema):
            self._note(view, "a view is not taken over")
        return [
            self._table(name)
            for name in names
            if name != MIGRATIONS and name not in self._catalogue.left_out
        ]

    def _note(self, place: str, text: str) -> None:
        self.notes.append(Note(place, text))

    def _table(self, name: str) -> SourceTable:
        inspector, schema = self._inspector, self._schema
        checks = self._checks(name)
        tested = {json_tested(check.condition, self._db_type) for check in checks}
        primary_key = tuple(inspector.get_pk_constraint(name, schema=schema)["constrained_columns"])
        keys = [self._key(name, key) for key in inspector.get_foreign_keys(name, schema=schema)]
        columns = tuple(
            self._column(name, column, primary_key, json=column["name"] in tested)
            for column in inspector.get_columns(name, schema=schema)
        )
        return SourceTable(
            name=name,
            schema=schema,
            comment=self._comment(name),
            columns=columns,
            primary_key=primary_key,
            foreign_keys=tuple(keys),
            indexes=tuple(self._indexes(name, keys)),
            checks=tuple(
                check for check in checks if json_tested(check.condition, self._db_type) is None
            ),
        )

    def _comment(self, name: str) -> str | None:
        if not self._dialect.supports_comments:
            return None
        return self._inspector.get_table_comment(name, schema=self._schema).get("text") or None

    def _column(
        self,
        table: str,
        column: Any,  # noqa: ANN401 - SQLAlchemy's own loose type
        primary_key: tuple[str, ...],
        *,
        json: bool,
    ) -> SourceColumn:
        name, place = column["name"], f"{table}.{column['name']}"
        default = column["default"]
        computed, identity = column.get("computed"), column.get("identity")
        if computed:
            self._note(place, f"a generated column ({computed['sqltext']}) became an ordinary one")
            default = None
        if identity and identity.get("always"):
            self._note(place, "GENERATED ALWAYS became a number that may be given, too")
        sql = self._type(table, column)
        if json and sql.name in {"LONGTEXT", "JSON"}:
            sql = SqlType("JSON")
        renewed = (table, name) in self._catalogue.renewed
        default = default or self._catalogue.defaults.get(table, {}).get(name)
        if default is not None and self._db_type == "mysql":
            kept = _RENEWED.sub("", default)
            renewed, default = renewed or kept != default, kept or None
        lone_number = primary_key == (name,) and sql.name == "INTEGER"
        counts = column.get("autoincrement") is True or bool(identity)
        return SourceColumn(
            name=name,
            type=sql,
            nullable=column["nullable"],
            default=default,
            counts=counts or (self._db_type == "sqlite" and lone_number),
            comment=column.get("comment") or None,
            renewed=renewed,
        )

    def _type(self, table: str, column: Any) -> SqlType:  # noqa: ANN401
        known = self._catalogue.types.get(table, {}).get(column["name"])
        kind = column["type"]
        if known is not None and not getattr(kind, "enums", None):
            return known
        if hasattr(kind, "enums"):
            return SqlType("ENUM", values=tuple(map(self._unescaped, kind.enums)))
        if kind.__visit_name__ == "SET":
            return SqlType("SET", values=tuple(kind.values))
        if isinstance(kind, sa.types.NullType):
            return SqlType("UNKNOWN", written="a type that can't be told")
        return parse_type(kind.compile(self._dialect))

    def _unescaped(self, value: str) -> str:
        """A value of an ENUM; MySQL's are reflected as they are written."""
        if self._db_type != "mysql":
            return value
        return re.sub(r"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), value)

    def _key(self, table: str, key: Any) -> SourceKey:  # noqa: ANN401
        columns = tuple(key["constrained_columns"])
        options = dict(key["options"])
        said = (self._catalogue.actions or {}).get((table, key["referred_table"].lower(), columns))
        if said is not None:  # SQLite: reflection misses some ways of writing them
            options |= {"ondelete": said[0], "onupdate": said[1]}
        on_delete = str(options.pop("ondelete", None) or "NO ACTION").upper()
        place = f"{table}.{', '.join(columns)}"
        if str(options.pop("onupdate", None) or "NO ACTION").upper() not in {
            "NO ACTION",
            "RESTRICT",
        }:
            self._note(place, "ON UPDATE of a foreign key is not kept")
        if options.pop("deferrable", None):
            self._note(place, "a deferrable foreign key became an ordinary one")
        options.pop("initially", None)
        if options:
            self._note(place, f"{', '.join(sorted(options))} of a foreign key is not kept")
        return SourceKey(
            columns=columns,
            target_table=key["referred_table"],
            target_columns=tuple(key["referred_columns"]),
            on_delete=on_delete,
            target_schema=key["referred_schema"] or self._schema,
            name=key["name"],
        )

    def _indexes(self, table: str, keys: list[SourceKey]) -> list[SourceIndex]:
        found = [
            SourceIndex(unique["name"], tuple(unique["column_names"]), unique=True)
            for unique in self._inspector.get_unique_constraints(table, schema=self._schema)
        ]
        reflected = {unique.columns for unique in found}
        found += (
            SourceIndex(None, columns, unique=True)
            for columns in self._catalogue.uniques.get(table, ())
            if columns not in reflected
        )
        mysql = self._db_type == "mysql"
        made_for_keys = {(key.name, key.columns) for key in keys} if mysql else set()
        for index in self._inspector.get_indexes(table, schema=self._schema):
            name, columns = index["name"], tuple(index["column_names"])
            if index.get("duplicates_constraint") or (name, columns) in made_for_keys:
                continue
            unique = bool(index["unique"])
            if unique and any(one.unique and one.name == name for one in found):
                continue  # MySQL lists a unique one twice
            special = self._special(table, index)
            if None in columns or special is not None:
                kind = "a unique index" if unique else "an index"
                self._note(f"{table}.{name}", f"{kind} {special or 'on expressions'} is left out")
                continue
            found.append(SourceIndex(name, tuple(str(c) for c in columns), unique=unique))
        return found

    def _special(self, table: str, index: Any) -> str | None:  # noqa: ANN401
        """What makes an index one that documents lack; None for an ordinary one."""
        options = index.get("dialect_options", {})
        if any(key.endswith("_where") and value is not None for key, value in options.items()):
            return "on some rows only"
        method = next((v for k, v in options.items() if k.endswith("_using")), "btree")
        if str(method).lower() not in {"btree", "hash"}:
            return f"of the kind {method}"
        prefix = next((v for k, v in options.items() if k.endswith("_prefix")), None)
        if prefix in {"FULLTEXT", "SPATIAL"}:
            return f"of the kind {prefix}"
        if any(key.endswith("_length") and value for key, value in options.items()):
            return "on beginnings of values"
        place = f"{table}.{index['name']}"
        if any("desc" in order for order in (index.get("column_sorting") or {}).values()):
            self._note(place, "the index runs upwards, not down")
        if index.get("include_columns"):
            self._note(place, "INCLUDE of the index is not kept")
        if options.get("postgresql_ops"):
            self._note(place, "the operator class of the index is not kept")
        return None

    def _checks(self, name: str) -> list[SourceCheck]:
        if self._db_type == "mssql":
            self._note(name, "checks of SQL Server can't be read")
            return []
        if self._catalogue.checks is not None:
            return self._catalogue.checks.get(name, [])
        return [
            SourceCheck(check["name"], check["sqltext"])
            for check in self._inspector.get_check_constraints(name, schema=self._schema)
        ]
