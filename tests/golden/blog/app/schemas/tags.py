"""What the API takes in and shows of tags."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, Text, with_example
from app.core.filters import CONTAINS, Fragment, ListQuery, sorting


class TagCreate(Input):
    """A new tag."""

    model_config = with_example({"name": "name-1"})

    name: Text = Field(max_length=50)


class TagUpdate(Input):
    """Changes to one tag; what is left out stays as it is."""

    model_config = CHANGES

    name: Text = Field(default=ABSENT, max_length=50)


class TagRead(BaseModel):
    """One tag, as it is stored."""

    model_config = OUTPUT

    id: int
    name: str


class TagQuery(ListQuery):
    """Which tags to list, and in what order."""

    sort: str | None = sorting(["id", "name"])
    id: Integer | None = None
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
