"""What the API takes in and shows of articles."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, Text, with_example
from app.core.filters import CONTAINS, Fragment, ListQuery, sorting


class ArticleCreate(Input):
    """A new article."""

    model_config = with_example({"title": "title-1"})

    title: Text = Field(max_length=120)


class ArticleUpdate(Input):
    """Changes to one article; what is left out stays as it is."""

    model_config = CHANGES

    title: Text = Field(default=ABSENT, max_length=120)


class ArticleRead(BaseModel):
    """One article, as it is stored."""

    model_config = OUTPUT

    id: int
    title: str


class ArticleQuery(ListQuery):
    """Which articles to list, and in what order."""

    sort: str | None = sorting(["id", "title"])
    id: Integer | None = None
    title: Text | None = None
    title__contains: Annotated[Fragment | None, CONTAINS] = None
