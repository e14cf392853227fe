"""What the database means when it refuses a row: the constraints are the truth.

Looking first whether a row may be written would be a race, so rows are simply written, and what the
database says is translated. Each database names its reasons in its own way: SQLite by the name of
an extended result code, PostgreSQL by SQLSTATE, MySQL and MariaDB by number, SQL Server by number
within its message.
"""

import re
from http import HTTPStatus

from sqlalchemy.exc import DBAPIError

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
SQLSTATE_LENGTH = 5
UNFIT_CLASSES = {"22", "23", "54"}
"""Of SQLSTATE: not a value of the type, a constraint, over a limit of the database."""
BUSY = {"SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "40001", "40P01", "1205", "1213"}


def refusal(error: DBAPIError, *, deleting: bool) -> tuple[HTTPStatus, str] | None:
    """Say which answer an error of the database deserves; None where it is no refusal."""
    codes = _codes(error)
    refers = bool(codes & REFERENCE)
    unfit = bool(codes & UNFIT) or any(_unfit_class(code) for code in codes)
    still_used = "still referenced" in str(error.orig) or "1451" in codes
    meanings = {
        (HTTPStatus.SERVICE_UNAVAILABLE, "The database is busy; try again."): codes & BUSY,
        (HTTPStatus.CONFLICT, "Others still refer to it."): (
            (deleting and (refers or unfit)) or (refers and still_used)
        ),
        (HTTPStatus.CONFLICT, "Another one has the same unique values."): codes & DUPLICATE,
        (HTTPStatus.UNPROCESSABLE_ENTITY, "It refers to something that is not there."): refers,
        (HTTPStatus.UNPROCESSABLE_ENTITY, "The database does not take these values."): unfit,
    }
    return next((answer for answer, meant in meanings.items() if meant), None)


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
