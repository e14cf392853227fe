"""What the API takes in and shows of pads."""

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


class PadCreate(Input):
    """A new pad."""

    model_config = with_example({"name": "name-1"})

    name: Text = Field(max_length=80)


class PadUpdate(Input):
    """Changes to one pad; what is left out stays as it is."""

    model_config = CHANGES

    name: Text = Field(default=ABSENT, max_length=80)


class PadRead(BaseModel):
    """One pad, as it is stored."""

    model_config = OUTPUT

    id: int
    name: str
    deleted_at: DateTime | None
    is_deleted: bool


class PadQuery(SoftDeleteQuery):
    """Which pads to list, and in what order."""

    sort: str | None = sorting(["id", "name", "deleted_at", "is_deleted"])
    id: Integer | None = None
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
    deleted_at: Moment | None = None
    deleted_at__gte: Annotated[Moment | None, AT_LEAST] = None
    deleted_at__lte: Annotated[Moment | None, AT_MOST] = None
    deleted_at__isnull: Annotated[bool | None, IS_NULL] = None
    is_deleted: bool | None = None
