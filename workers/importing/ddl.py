"""Reads DDL: a dump or a script of SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, cast

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from common.document.resolved import DbType
from workers.importing.ddl_tables import DdlTables
from workers.importing.live import SourceUnreadableError, read_connection, refuse_schemas
from workers.importing.source import Note, Source
from workers.importing.statements import Statement, routines, split

_HINTS: Final[dict[DbType, re.Pattern[str]]] = {
    "mysql": re.compile(
        r"\bENGINE\s*=|\bAUTO_INCREMENT\b|/\*!\d{5}|^-- MySQL dump|^-- MariaDB dump|\bUNSIGNED\b|`",
        re.IGNORECASE | re.MULTILINE,
    ),
    "postgresql": re.compile(
        r"\bPostgreSQL database dump|\bcharacter varying\b|\b(?:BIG|SMALL)?SERIAL\b|\bnextval\(|"
        r"::|\btimestamptz\b|\bjsonb\b|\bbytea\b|\bALTER TABLE ONLY\b|\bCREATE TYPE\b|\$\$"
        r"|\bGENERATED (?:BY DEFAULT|ALWAYS) AS IDENTITY\b|\bUSING (?:btree|gin|gist)\b",
        re.IGNORECASE,
    ),
    "mssql": re.compile(
        r"^\s*GO\s*$|\[dbo\]|\bIDENTITY\s*\(|\bNVARCHAR\s*\(|\bUNIQUEIDENTIFIER\b|\bCLUSTERED\b",
        re.IGNORECASE | re.MULTILINE,
    ),
    "sqlite": re.compile(
        r"\bAUTOINCREMENT\b|^PRAGMA\b|\bWITHOUT ROWID\b|\bsqlite_", re.IGNORECASE | re.MULTILINE
    ),
}
_DATA: Final = re.compile(
    r"^(?:INSERT|REPLACE) INTO .*$|'(?:[^'\\]|''|\\.)*'", re.MULTILINE | re.IGNORECASE
)


def read_ddl(body: bytes, *, name: str, dialect: str | None, schemas: Sequence[str] = ()) -> Source:
    """The tables that a script makes; SourceUnreadableError with the line if it can't be read."""
    try:
        script = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        script = body.decode("latin-1")  # what old dumps are in; only names and words matter
    db_type = cast("DbType", dialect) if dialect else detect(script)
    refuse_schemas(db_type, schemas)
    statements = list(split(script, db_type))
    if db_type == "sqlite":
        return _through_sqlite(statements, name)
    tables = DdlTables(db_type)
    for statement in statements:
        tables.take(statement)
    if db_type == "mysql":
        for kind, made in routines(script):
            tables.notes.append(Note(made, f"the {kind} is not taken over"))
    return tables.source(name, schemas)


def detect(script: str) -> DbType:
    """The dialect with the most words of its own in the script; SQLite where none has any."""
    words = _DATA.sub("''", script[:2_000_000])
    marks = {
        db_type: len(pattern.findall(script if db_type == "mysql" else words))
        for db_type, pattern in _HINTS.items()
    }
    best = max(marks, key=lambda db_type: marks[db_type])
    return best if marks[best] else "sqlite"


def _through_sqlite(statements: Sequence[Statement], name: str) -> Source:
    """Make the tables in a scratch database, for nobody reads SQLite's SQL better than SQLite."""
    engine = sa.create_engine("sqlite://")
    notes: list[Note] = []
    try:
        with engine.connect() as connection:
            for statement in statements:
                words = statement.words
                if words.startswith("CREATE TRIGGER"):
                    made = statement.text.split()[2].strip('"`[]')
                    notes.append(Note(made, "the trigger is not taken over"))
                elif words.startswith(("CREATE", "ALTER TABLE", "DROP")):
                    _execute(connection, statement)
            source = read_connection(connection, "sqlite", name=name, schemas=(None,))
    finally:
        engine.dispose()
    return Source(
        source.db_type, source.name, source.tables, (*notes, *source.notes), source.migrated
    )


def _execute(connection: sa.Connection, statement: Statement) -> None:
    try:
        connection.exec_driver_sql(statement.text)
    except DBAPIError as error:
        if statement.words.startswith("DROP") and "no such" in str(error.orig):
            return  # a trigger, or what the script takes away in case that it is there
        raise SourceUnreadableError(
            f"Can't read line {statement.line} as SQLite's SQL: {error.orig};"
            " --dialect names another."
        ) from None
