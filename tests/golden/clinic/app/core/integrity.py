"""What the database means when it refuses a row: the constraints are the truth.

Looking first whether a row may be written would be a race, so rows are simply written, and what the
database says is translated: SQLite names the reason by an extended result code, MySQL and MariaDB
by number.

But for references, see `app/core/references.py`: they are looked up first, for not every database
says which one leads nowhere, and the database has the last word all the same.
"""

import re
from http import HTTPStatus
from typing import NamedTuple

from sqlalchemy import Index, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import ColumnCollectionConstraint

from app.models.base import Base

DUPLICATE = {
    "SQLITE_CONSTRAINT_PRIMARYKEY",
    "SQLITE_CONSTRAINT_ROWID",
    "SQLITE_CONSTRAINT_UNIQUE",
    "1062",
}
REFERENCE = {
    "SQLITE_CONSTRAINT_FOREIGNKEY",
    "SQLITE_CONSTRAINT_TRIGGER",  # what ON DELETE RESTRICT is made of
    "1451",
    "1452",
}
UNFIT = {
    "SQLITE_CONSTRAINT_CHECK",
    "SQLITE_CONSTRAINT_NOTNULL",
    "SQLITE_MISMATCH",
    "SQLITE_TOOBIG",
    "1048",  # null
    "1264",  # out of range
    "1292",  # no such moment
    "1364",  # no default
    "1366",  # not a value of the type
    "1406",  # too long
    "3819",  # a check, in MySQL
    "4025",  # a check, in MariaDB
}
WRITTEN_TO = re.compile(r"""(?:INSERT INTO|UPDATE) [`"\[]?([^`"\]\s(]+)""")
NAMED = re.compile(
    r"""(?:constraint|key|column) (?:`[^`]+`\.)*[`'"](?:[^`'"]+\.)?([^`'"]+)""", re.IGNORECASE
)
"""How it names what is broken, which stands after what was sent."""
BUSY = {"SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "1205", "1213"}
UNREACHABLE = {
    "SQLITE_CANTOPEN",
    "1040",  # too many connections
    "1053",  # shuts down
    "2002",
    "2003",
    "2006",
    "2013",
}


class Refusal(NamedTuple):
    """What an error of the database means to whoever sent the request."""

    status: HTTPStatus
    code: str
    detail: str


BUSY_NOW = Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "busy", "The database is busy; try again.")
OUT_OF_REACH = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE, "unreachable", "The database cannot be reached; try again."
)
STILL_USED = Refusal(HTTPStatus.CONFLICT, "in_use", "Others still refer to it.")
SAME_VALUES = Refusal(HTTPStatus.CONFLICT, "unique", "Another one has the same unique values.")
NOT_THERE = Refusal(
    HTTPStatus.UNPROCESSABLE_ENTITY, "reference", "It refers to something that is not there."
)
NOT_TAKEN = Refusal(
    HTTPStatus.UNPROCESSABLE_ENTITY, "refused", "The database does not take these values."
)


def refusal(error: DBAPIError, method: str) -> Refusal | None:
    """Say which answer an error of the database deserves; None where it is no refusal.

    A change may break a reference of its own, or one of others to what it changes; where a database
    does not tell which, it is that of others, for its own ones were looked up before.
    """
    codes = _codes(error)
    refers = bool(codes & REFERENCE)
    unfit = bool(codes & UNFIT)
    of_others = method == "PATCH" and refers and not _breaks_own_reference(error)
    meanings = {
        OUT_OF_REACH: error.connection_invalidated or _is_unreachable(error, codes),
        BUSY_NOW: codes & BUSY,
        STILL_USED: (method == "DELETE" and (refers or unfit)) or of_others,
        SAME_VALUES: codes & DUPLICATE,
        NOT_THERE: refers,
        NOT_TAKEN: unfit,
    }
    return next((answer for answer, meant in meanings.items() if meant), None)


def columns_at_fault(error: DBAPIError) -> list[str]:
    """Name the columns that a refusal is about, as far as the database names them."""
    table = _written_table(error)
    if table is None:
        return []
    said = _said(error) if hasattr(error.orig, "sqlite_errorname") else ""
    listed = said.partition(" constraint failed: ")[2].split(", ")
    named = {one.rpartition(".")[2] for one in listed} | _named(error)
    if "PRIMARY" in named:  # as MySQL calls each primary key
        named.update(table.primary_key.columns.keys())
    for one in (*table.constraints, *table.indexes):
        if isinstance(one, ColumnCollectionConstraint | Index) and one.name in named:
            named.update(column.name for column in one.columns)
    return [column.name for column in table.columns if column.name in named]


def _written_table(error: DBAPIError) -> Table | None:
    written = WRITTEN_TO.match(error.statement or "")
    return Base.metadata.tables.get(written[1]) if written else None


def _said(error: DBAPIError) -> str:
    return str(next(iter(getattr(error.orig, "args", ())[-1:]), ""))


def _named(error: DBAPIError) -> set[str]:
    return set(NAMED.findall(_said(error))[-1:])


def _breaks_own_reference(error: DBAPIError) -> bool:
    return "1452" in _codes(error)


def _is_unreachable(_error: DBAPIError, codes: set[str]) -> bool:
    return bool(codes & UNREACHABLE)


def _codes(error: DBAPIError) -> set[str]:
    """Collect what the driver calls the reason."""
    number = next(iter(getattr(error.orig, "args", ())), None)
    return {getattr(error.orig, "sqlite_errorname", ""), str(number)}
