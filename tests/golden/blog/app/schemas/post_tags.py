"""What the API takes in and shows of post tags."""

from pydantic import BaseModel

from app.core.fields import OUTPUT, Input, Integer, with_example
from app.core.filters import ListQuery, sorting


class PostTagCreate(Input):
    """A new post tag."""

    model_config = with_example({"post_id": 1, "tag_id": 1})

    post_id: Integer
    tag_id: Integer


class PostTagRead(BaseModel):
    """One post tag, as it is stored."""

    model_config = OUTPUT

    post_id: int
    tag_id: int


class PostTagQuery(ListQuery):
    """Which post tags to list, and in what order."""

    sort: str | None = sorting(["post_id", "tag_id"])
    post_id: Integer | None = None
    tag_id: Integer | None = None
