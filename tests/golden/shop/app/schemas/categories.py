"""What the API takes in and shows of categories."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, SmallInteger, Text, with_example
from app.core.filters import CONTAINS, Fragment, ListQuery, sorting


class CategoryCreate(Input):
    """A new category."""

    model_config = with_example({"name": "name-1"})

    name: Text = Field(max_length=60)


class CategoryUpdate(Input):
    """Changes to one category; what is left out stays as it is."""

    model_config = CHANGES

    name: Text = Field(default=ABSENT, max_length=60)


class CategoryRead(BaseModel):
    """One category, as it is stored."""

    model_config = OUTPUT

    id: int
    name: str


class CategoryQuery(ListQuery):
    """Which categories to list, and in what order."""

    sort: str | None = sorting(["id", "name"])
    id: SmallInteger | None = None
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
