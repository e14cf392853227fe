"""What the API takes in and shows of courses."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, Text, with_example
from app.core.filters import CONTAINS, Fragment, ListQuery, sorting


class CourseCreate(Input):
    """A new course."""

    model_config = with_example({"title": "title-1"})

    title: Text = Field(max_length=80)


class CourseUpdate(Input):
    """Changes to one course; what is left out stays as it is."""

    model_config = CHANGES

    title: Text = Field(default=ABSENT, max_length=80)


class CourseRead(BaseModel):
    """One course, as it is stored."""

    model_config = OUTPUT

    id: int
    title: str


class CourseQuery(ListQuery):
    """Which courses to list, and in what order."""

    sort: str | None = sorting(["id", "title"])
    id: Integer | None = None
    title: Text | None = None
    title__contains: Annotated[Fragment | None, CONTAINS] = None
