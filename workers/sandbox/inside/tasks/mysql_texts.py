"""What MySQL and MariaDB show of texts in a table's definition, made what they really hold.

They write a definition down with escapes, and in characters of at most three bytes: of all others
they show a question mark. Rows are told as they are, so where there is a question mark, a row of a
table of our own tells what it stands for.
"""

from __future__ import annotations

import re
from typing import Any, Final

import sqlalchemy as sa

_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "r": "\r", "0": "\0"}
_UNKNOWN: Final = "?"
_PROBE: Final = "`a probe`"
"""No table of a document is called like this."""


def make_true(tables: dict[str, Any], engine: sa.Engine) -> None:
    """Put right the values and the defaults of all columns that were reflected."""
    with engine.connect() as connection:
        for name, table in tables.items():
            for column in table["columns"]:
                _make_true(connection, name, column)


def _make_true(connection: sa.Connection, table: str, column: dict[str, Any]) -> None:
    values, default = column["values"], column["default"]
    column["values"] = [_unescaped(value) for value in values]
    hidden = any(_UNKNOWN in value for value in values)
    hidden_default = default is not None and default.startswith("'") and _UNKNOWN in default
    if not (hidden or hidden_default):
        return
    quoted = connection.dialect.identifier_preparer.quote_identifier
    chosen, of = quoted(column["name"]), quoted(table)
    # It takes over the type and the default of the column, and no condition
    made = f"CREATE TEMPORARY TABLE {_PROBE} AS SELECT {chosen} FROM {of} LIMIT 0"  # noqa: S608
    _run(connection, made)
    try:
        if hidden:
            column["values"] = [_told(connection, str(at + 1)) for at in range(len(values))]
        if hidden_default:
            told = _told(connection, "DEFAULT").replace("\\", "\\\\").replace("'", "''")
            column["default"] = f"'{told}'"
    finally:
        _run(connection, f"DROP TEMPORARY TABLE {_PROBE}")


def _told(connection: sa.Connection, value: str) -> str:
    """What a row holds that was given `value`: the number of a value of an ENUM, or DEFAULT."""
    _run(connection, f"DELETE FROM {_PROBE}")  # noqa: S608 - a name of our own
    _run(connection, f"INSERT INTO {_PROBE} VALUES ({value})")  # noqa: S608 - and a number
    return str(connection.exec_driver_sql(f"SELECT * FROM {_PROBE}").scalar_one())  # noqa: S608


def _run(connection: sa.Connection, statement: str) -> None:
    # The driver formats what has a percent sign
    connection.exec_driver_sql(statement.replace("%", "%%"))


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), value)
