"""What the API takes in and shows of clubs."""

from typing import Annotated
from uuid import UUID, uuid4

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Text, Uuid, with_example
from app.core.filters import CONTAINS, Fragment, ListQuery, sorting


class ClubCreate(Input):
    """A new club."""

    model_config = with_example({"id": "00000000-0000-0000-0000-000000000001", "name": "name-1"})

    id: Uuid = Field(default_factory=uuid4)
    name: Text = Field(max_length=80)


class ClubUpdate(Input):
    """Changes to one club; what is left out stays as it is."""

    model_config = CHANGES

    name: Text = Field(default=ABSENT, max_length=80)


class ClubRead(BaseModel):
    """One club, as it is stored."""

    model_config = OUTPUT

    id: UUID
    name: str


class ClubQuery(ListQuery):
    """Which clubs to list, and in what order."""

    sort: str | None = sorting(["id", "name"])
    id: Uuid | None = None
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
