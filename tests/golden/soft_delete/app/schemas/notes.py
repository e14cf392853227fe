"""What the API takes in and shows of notes."""

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


class NoteCreate(Input):
    """A new note."""

    model_config = with_example({"title": "title-1", "pad_id": 1})

    title: Text = Field(max_length=80)
    pad_id: Integer


class NoteUpdate(Input):
    """Changes to one note; what is left out stays as it is."""

    model_config = CHANGES

    title: Text = Field(default=ABSENT, max_length=80)
    pad_id: Integer = ABSENT


class NoteRead(BaseModel):
    """One note, as it is stored."""

    model_config = OUTPUT

    id: int
    title: str
    pad_id: int
    created_at: DateTime
    updated_at: DateTime
    is_deleted: bool
    deleted_at: DateTime | None


class NoteQuery(SoftDeleteQuery):
    """Which notes to list, and in what order."""

    sort: str | None = sorting(
        ["id", "title", "pad_id", "created_at", "updated_at", "is_deleted", "deleted_at"]
    )
    id: Integer | None = None
    title: Text | None = None
    title__contains: Annotated[Fragment | None, CONTAINS] = None
    pad_id: Integer | None = None
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
