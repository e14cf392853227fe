"""What the API takes in and shows of sessions."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, Text, with_example
from app.core.filters import CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class SessionCreate(Input):
    """A new session."""

    model_config = with_example(
        {"request": "request-1", "response": "response-1", "db": "db-1", "session": "session-1"}
    )

    request: Text | None = Field(default=None, max_length=40)
    response: Text | None = Field(default=None, max_length=40)
    db: Text | None = Field(default=None, max_length=40)
    session: Text | None = Field(default=None, max_length=40)


class SessionUpdate(Input):
    """Changes to one session; what is left out stays as it is."""

    model_config = CHANGES

    request: Text | None = Field(default=ABSENT, max_length=40)
    response: Text | None = Field(default=ABSENT, max_length=40)
    db: Text | None = Field(default=ABSENT, max_length=40)
    session: Text | None = Field(default=ABSENT, max_length=40)


class SessionRead(BaseModel):
    """One session, as it is stored."""

    model_config = OUTPUT

    id: int
    request: str | None
    response: str | None
    db: str | None
    session: str | None


class SessionQuery(ListQuery):
    """Which sessions to list, and in what order."""

    sort: str | None = sorting(["id", "request", "response", "db", "session"])
    id: Integer | None = None
    request: Text | None = None
    request__contains: Annotated[Fragment | None, CONTAINS] = None
    request__isnull: Annotated[bool | None, IS_NULL] = None
    response: Text | None = None
    response__contains: Annotated[Fragment | None, CONTAINS] = None
    response__isnull: Annotated[bool | None, IS_NULL] = None
    db: Text | None = None
    db__contains: Annotated[Fragment | None, CONTAINS] = None
    db__isnull: Annotated[bool | None, IS_NULL] = None
    session: Text | None = None
    session__contains: Annotated[Fragment | None, CONTAINS] = None
    session__isnull: Annotated[bool | None, IS_NULL] = None
