"""What the API takes in and shows of badges."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Key, Text, Uuid, with_example
from app.core.filters import CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class BadgeCreate(Input):
    """A new badge."""

    model_config = with_example({"serial": "serial-1", "blocked": True})

    serial: Key = Field(max_length=16)
    holder_id: Uuid | None = None
    blocked: bool = False


class BadgeUpdate(Input):
    """Changes to one badge; what is left out stays as it is."""

    model_config = CHANGES

    holder_id: Uuid | None = ABSENT
    blocked: bool = ABSENT


class BadgeRead(BaseModel):
    """One badge, as it is stored."""

    model_config = OUTPUT

    serial: str
    holder_id: UUID | None
    blocked: bool


class BadgeQuery(ListQuery):
    """Which badges to list, and in what order."""

    sort: str | None = sorting(["serial", "holder_id", "blocked"])
    serial: Text | None = None
    serial__contains: Annotated[Fragment | None, CONTAINS] = None
    holder_id: Uuid | None = None
    holder_id__isnull: Annotated[bool | None, IS_NULL] = None
    blocked: bool | None = None
