"""What the API takes in and shows of comments."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    DateTime,
    Input,
    Integer,
    Moment,
    Text,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class CommentCreate(Input):
    """A new comment."""

    model_config = with_example({"post_id": 1, "body": "body-1"})

    post_id: Integer
    author_id: Integer | None = Field(
        default=None, description="Empty for comments of people who left."
    )
    parent_id: Integer | None = None
    body: Text = Field(max_length=1_000_000)


class CommentUpdate(Input):
    """Changes to one comment; what is left out stays as it is."""

    model_config = CHANGES

    post_id: Integer = ABSENT
    author_id: Integer | None = Field(
        default=ABSENT, description="Empty for comments of people who left."
    )
    parent_id: Integer | None = ABSENT
    body: Text = Field(default=ABSENT, max_length=1_000_000)


class CommentRead(BaseModel):
    """One comment, as it is stored."""

    model_config = OUTPUT

    id: int
    post_id: int
    author_id: int | None = Field(description="Empty for comments of people who left.")
    parent_id: int | None
    body: str
    created_at: DateTime
    updated_at: DateTime


class CommentQuery(ListQuery):
    """Which comments to list, and in what order."""

    sort: str | None = sorting(
        ["id", "post_id", "author_id", "parent_id", "body", "created_at", "updated_at"]
    )
    id: Integer | None = None
    post_id: Integer | None = None
    author_id: Integer | None = None
    author_id__isnull: Annotated[bool | None, IS_NULL] = None
    parent_id: Integer | None = None
    parent_id__isnull: Annotated[bool | None, IS_NULL] = None
    body: Text | None = None
    body__contains: Annotated[Fragment | None, CONTAINS] = None
    created_at: Moment | None = None
    created_at__gte: Annotated[Moment | None, AT_LEAST] = None
    created_at__lte: Annotated[Moment | None, AT_MOST] = None
    updated_at: Moment | None = None
    updated_at__gte: Annotated[Moment | None, AT_LEAST] = None
    updated_at__lte: Annotated[Moment | None, AT_MOST] = None
