"""What the API takes in and shows of posts."""

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
from app.core.filters import (
    AT_LEAST,
    AT_MOST,
    CONTAINS,
    IS_NULL,
    Fragment,
    SoftDeleteQuery,
    sorting,
)
from app.models.enums import PostStatus


class PostCreate(Input):
    """A new post."""

    model_config = with_example(
        {
            "author_id": 1,
            "title": "title-1",
            "slug": "slug-1",
            "body": "body-1",
            "status": "published",
            "published_at": "2024-01-01T00:01:00Z",
            "view_count": 1,
        }
    )

    author_id: Integer
    title: Text = Field(max_length=200)
    slug: Text = Field(
        max_length=200, description="The last part of the address, for instance `hello-world`."
    )
    body: Text = Field(default="", max_length=1_000_000)
    status: PostStatus = Field(default=PostStatus.DRAFT, strict=False)
    published_at: DateTime | None = None
    view_count: Integer = 0


class PostUpdate(Input):
    """Changes to one post; what is left out stays as it is."""

    model_config = CHANGES

    author_id: Integer = ABSENT
    title: Text = Field(default=ABSENT, max_length=200)
    slug: Text = Field(
        default=ABSENT,
        max_length=200,
        description="The last part of the address, for instance `hello-world`.",
    )
    body: Text = Field(default=ABSENT, max_length=1_000_000)
    status: PostStatus = Field(default=ABSENT, strict=False)
    published_at: DateTime | None = ABSENT
    view_count: Integer = ABSENT


class PostRead(BaseModel):
    """One post, as it is stored."""

    model_config = OUTPUT

    id: int
    author_id: int
    title: str
    slug: str = Field(description="The last part of the address, for instance `hello-world`.")
    body: str
    status: PostStatus
    published_at: DateTime | None
    view_count: int
    created_at: DateTime
    updated_at: DateTime
    is_deleted: bool
    deleted_at: DateTime | None


class PostQuery(SoftDeleteQuery):
    """Which posts to list, and in what order."""

    sort: str | None = sorting(
        [
            "id",
            "author_id",
            "title",
            "slug",
            "body",
            "status",
            "published_at",
            "view_count",
            "created_at",
            "updated_at",
            "is_deleted",
            "deleted_at",
        ]
    )
    id: Integer | None = None
    author_id: Integer | None = None
    title: Text | None = None
    title__contains: Annotated[Fragment | None, CONTAINS] = None
    slug: Text | None = None
    slug__contains: Annotated[Fragment | None, CONTAINS] = None
    body: Text | None = None
    body__contains: Annotated[Fragment | None, CONTAINS] = None
    status: PostStatus | None = None
    published_at: Moment | None = None
    published_at__gte: Annotated[Moment | None, AT_LEAST] = None
    published_at__lte: Annotated[Moment | None, AT_MOST] = None
    published_at__isnull: Annotated[bool | None, IS_NULL] = None
    view_count: Integer | None = None
    view_count__gte: Annotated[Integer | None, AT_LEAST] = None
    view_count__lte: Annotated[Integer | None, AT_MOST] = None
    created_at: Moment | None = None
    created_at__gte: Annotated[Moment | None, AT_LEAST] = None
    created_at__lte: Annotated[Moment | None, AT_MOST] = None
    updated_at: Moment | None = None
    updated_at__gte: Annotated[Moment | None, AT_LEAST] = None
    updated_at__lte: Annotated[Moment | None, AT_MOST] = None
    is_deleted: bool | None = None
    deleted_at: Moment | None = None
    deleted_at__gte: Annotated[Moment | None, AT_LEAST] = None
    deleted_at__lte: Annotated[Moment | None, AT_MOST] = None
    deleted_at__isnull: Annotated[bool | None, IS_NULL] = None
