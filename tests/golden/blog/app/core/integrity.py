"""What the database means when it refuses a row: the constraints are the truth.

Looking first whether a row may be written would be a race, so rows are simply written, and what the
database says is translated. Each database names its reasons in its own way: SQLite by the name of
an extended result code, PostgreSQL by SQLSTATE, MySQL and MariaDB by number, SQL Server by number
within its message.
"""

import re
from http import HTTPStatus
from typing import NamedTuple

from sqlalchemy import Index
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import ColumnCollectionConstraint

from app.models.base import Base

DUPLICATE = {
    "SQLITE_CONSTRAINT_PRIMARYKEY",
    "SQLITE_CONSTRAINT_ROWID",
    "SQLITE_CONSTRAINT_UNIQUE",
    "23505",
    "1062",
    "2601",
    "2627",
}
REFERENCE = {
    "SQLITE_CONSTRAINT_FOREIGNKEY",
    "SQLITE_CONSTRAINT_TRIGGER",  # what ON DELETE RESTRICT is made of
    "23001",
    "23503",
    "1451",
    "1452",
    "547",
}
UNFIT = {
    "SQLITE_CONSTRAINT_CHECK",
    "SQLITE_CONSTRAINT_NOTNULL",
    "SQLITE_MISMATCH",
    "SQLITE_TOOBIG",
    "1048",  # null
    "1264",  # out of range
    "1364",  # no default
    "1366",  # not a value of the type
    "1406",  # too long
    "3819",  # a check, in MySQL
    "4025",  # a check, in MariaDB
    "515",  # null, in SQL Server
}
WRITTEN_TO = re.compile(r"""(?:INSERT INTO|UPDATE) [`"\[]?([^`"\]\s(]+)""")
NAMED = re.compile(
    r"""(?:constraint|key|index|column) [`'"](?:[^`'"]+\.)?([^`'"]+)""", re.IGNORECASE
)
"""How most databases name what is broken; SQLite lists it after a colon."""
SQLSTATE_LENGTH = 5
UNFIT_CLASSES = {"22", "23", "54"}
"""Of SQLSTATE: not a value of the type, a constraint, over a limit of the database."""
BUSY = {"SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "40001", "40P01", "1205", "1213"}


class Refusal(NamedTuple):
    """What an error of the database means to whoever sent the request."""

    status: HTTPStatus
    code: str
    detail: str


BUSY_NOW = Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "busy", "The database is busy; try again.")
STILL_USED = Refusal(HTTPStatus.CONFLICT, "in_use", "Others still refer to it.")
SAME_VALUES = Refusal(HTTPStatus.CONFLICT, "unique", "Another one has the same unique values.")
NOT_THERE = Refusal(
    HTTPStatus.UNPROCESSABLE_ENTITY, "reference", "It refers to something that is not there."
)
NOT_TAKEN = Refusal(
    HTTPStatus.UNPROCESSABLE_ENTITY, "refused", "The database does not take these values."
)


def refusal(error: DBAPIError, *, deleting: bool) -> Refusal | None:
    """Say which answer an error of the database deserves; None where it is no refusal."""
    codes = _codes(error)
    refers = bool(codes & REFERENCE)
    unfit = bool(codes & UNFIT) or any(_unfit_class(code) for code in codes)
    still_used = "still referenced" in str(error.orig) or "1451" in codes
    meanings = {
        BUSY_NOW: codes & BUSY,
        STILL_USED: (deleting and (refers or unfit)) or (refers and still_used),
        SAME_VALUES: codes & DUPLICATE,
        NOT_THERE: refers,
        NOT_TAKEN: unfit,
    }
    return next((answer for answer, meant in meanings.items() if meant), None)


def columns_at_fault(error: DBAPIError) -> list[str]:
    """Name the columns that a refusal is about, as far as the database names them."""
    written = WRITTEN_TO.match(error.statement or "")
    table = Base.metadata.tables.get(written[1]) if written else None
    if table is None:
        return []
    said = str(error.orig)
    listed = said.partition(" constraint failed: ")[2].split(", ")
    named = {*NAMED.findall(said), *(one.rpartition(".")[2] for one in listed)}
    if "PRIMARY" in named:  # as MySQL calls each primary key
        named.update(table.primary_key.columns.keys())
    for one in (*table.constraints, *table.indexes):
        if isinstance(one, ColumnCollectionConstraint | Index) and one.name in named:
            named.update(column.name for column in one.columns)
    return [column.name for column in table.columns if column.name in named]


def _unfit_class(code: str) -> bool:
    return len(code) == SQLSTATE_LENGTH and code[:2] in UNFIT_CLASSES


def _codes(error: DBAPIError) -> set[str]:
    """Collect what the driver calls the reason."""
    found = {getattr(error.orig, name, None) for name in ("sqlite_errorname", "sqlstate", "pgcode")}
    arguments = getattr(error.orig, "args", ())
    if arguments and isinstance(arguments[0], int):
        found.add(str(arguments[0]))
    found.update(re.findall(r"\((\d{3,4})\) \(SQL", " ".join(map(str, arguments))))
    return {code for code in found if code}
