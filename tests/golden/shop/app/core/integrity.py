"""What the database means when it refuses a row: the constraints are the truth.

Looking first whether a row may be written would be a race, so rows are simply written, and what the
database says is translated: SQLite names the reason by an extended result code, PostgreSQL by
SQLSTATE.
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
NAMED = re.compile(
    r"""(?:constraint|key|index|column) [`'"](?:[^`'"]+\.)?([^`'"]+)""", re.IGNORECASE
)
"""How most databases name what is broken; SQLite lists it after a colon."""
SQLSTATE_LENGTH = 5
UNFIT_CLASSES = {"22", "23", "54"}
"""Of SQLSTATE: not a value of the type, a constraint, over a limit of the database."""
BUSY = {"SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "40001", "40P01"}


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


def refusal(error: DBAPIError, method: str) -> Refusal | None:
    """Say which answer an error of the database deserves; None where it is no refusal.

    What a change refers to was looked up before, so it is others that refer to what it changes.
    """
    codes = _codes(error)
    refers = bool(codes & REFERENCE)
    unfit = bool(codes & UNFIT) or any(_unfit_class(code) for code in codes)
    meanings = {
        BUSY_NOW: codes & BUSY,
        STILL_USED: (method == "DELETE" and (refers or unfit)) or (method == "PATCH" and refers),
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
    fields = getattr(error.orig, "__cause__", None)
    # PostgreSQL names them apart, too, for its text may be in any language
    named |= {getattr(fields, name, None) for name in ("constraint_name", "column_name")}
    for one in (*table.constraints, *table.indexes):
        if isinstance(one, ColumnCollectionConstraint | Index) and one.name in named:
            named.update(column.name for column in one.columns)
    return [column.name for column in table.columns if column.name in named]


def _unfit_class(code: str) -> bool:
    return len(code) == SQLSTATE_LENGTH and code[:2] in UNFIT_CLASSES


def _codes(error: DBAPIError) -> set[str]:
    """Collect what the driver calls the reason."""
    names = ("sqlite_errorname", "sqlstate", "pgcode")
    return {code for name in names if (code := getattr(error.orig, name, None))}
