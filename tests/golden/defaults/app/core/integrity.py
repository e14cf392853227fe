"""What the database means when it refuses a row: the constraints are the truth.

Looking first whether a row may be written would be a race, so rows are simply written, and what the
database says is translated: SQLite names the reason by an extended result code, PostgreSQL by
SQLSTATE.
"""

import re
from http import HTTPStatus
from typing import NamedTuple

from sqlalchemy import Index, Table
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.schema import ColumnCollectionConstraint

from app.models.base import Base

DUPLICATE = {
    "SQLITE_CONSTRAINT_PRIMARYKEY",
    "SQLITE_CONSTRAINT_ROWID",
    "SQLITE_CONSTRAINT_UNIQUE",
    "23505",
}
REFERENCE = {
    "SQLITE_CONSTRAINT_FOREIGNKEY",
    "SQLITE_CONSTRAINT_TRIGGER",  # what ON DELETE RESTRICT is made of
    "23001",
    "23503",
}
UNFIT = {
    "SQLITE_CONSTRAINT_CHECK",
    "SQLITE_CONSTRAINT_NOTNULL",
    "SQLITE_MISMATCH",
    "SQLITE_TOOBIG",
}
WRITTEN_TO = re.compile(r"""(?:INSERT INTO|UPDATE) [`"\[]?([^`"\]\s(]+)""")
SQLSTATE_LENGTH = 5
UNFIT_CLASSES = {"22", "23", "54"}
"""Of SQLSTATE: not a value of the type, a constraint, over a limit of the database."""
BUSY = {"SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "40001", "40P01"}
UNREACHABLE = {
    "SQLITE_CANTOPEN",
    "53300",  # too many connections
}
UNREACHABLE_CLASSES = ("08", "57P0")
"""Of SQLSTATE: no connection, a server that stops or starts."""


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
    unfit = bool(codes & UNFIT) or any(_unfit_class(code) for code in codes)
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
    """Take what the driver names apart: the text quotes what was sent, and may be in any language."""
    fields = getattr(error.orig, "__cause__", None)
    names = (getattr(fields, name, None) for name in ("constraint_name", "column_name"))
    return {name for name in names if name}


def _breaks_own_reference(error: DBAPIError) -> bool:
    table = _written_table(error)
    keys = [] if table is None else table.foreign_key_constraints
    named = _named(error)
    return any(key.name in named and key.referred_table is not table for key in keys)


def _is_unreachable(error: DBAPIError, codes: set[str]) -> bool:
    """Tell whether there is no connection, for which the driver has no SQLSTATE either."""
    beyond = any(code in UNREACHABLE or code.startswith(UNREACHABLE_CLASSES) for code in codes)
    return beyond or (isinstance(error, OperationalError) and not codes)


def _unfit_class(code: str) -> bool:
    return len(code) == SQLSTATE_LENGTH and code[:2] in UNFIT_CLASSES


def _codes(error: DBAPIError) -> set[str]:
    """Collect what the driver calls the reason."""
    names = ("sqlite_errorname", "sqlstate", "pgcode")
    return {code for name in names if (code := getattr(error.orig, name, None))}
