"""What the API takes in and shows of topics."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Key, Text, with_example
from app.core.filters import CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class TopicCreate(Input):
    """A new topic."""

    model_config = with_example({"slug": "slug-1", "label": "label-1"})

    slug: Key = Field(max_length=40)
    label: Text | None = Field(default=None, max_length=80)


class TopicUpdate(Input):
    """Changes to one topic; what is left out stays as it is."""

    model_config = CHANGES

    label: Text | None = Field(default=ABSENT, max_length=80)


class TopicRead(BaseModel):
    """One topic, as it is stored."""

    model_config = OUTPUT

    slug: str
    label: str | None


class TopicQuery(ListQuery):
    """Which topics to list, and in what order."""

    sort: str | None = sorting(["slug", "label"])
    slug: Text | None = None
    slug__contains: Annotated[Fragment | None, CONTAINS] = None
    label: Text | None = None
    label__contains: Annotated[Fragment | None, CONTAINS] = None
    label__isnull: Annotated[bool | None, IS_NULL] = None
