"""What the API takes in and shows of labels."""

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
from app.core.filters import AT_LEAST, AT_MOST, CONTAINS, Fragment, ListQuery, sorting


class LabelCreate(Input):
    """A new label."""

    model_config = with_example({"name": "name-1"})

    name: Text = Field(max_length=40)


class LabelUpdate(Input):
    """Changes to one label; what is left out stays as it is."""

    model_config = CHANGES

    name: Text = Field(default=ABSENT, max_length=40)


class LabelRead(BaseModel):
    """One label, as it is stored."""

    model_config = OUTPUT

    id: int
    name: str
    updated_at: DateTime
    created_at: DateTime


class LabelQuery(ListQuery):
    """Which labels to list, and in what order."""

    sort: str | None = sorting(["id", "name", "updated_at", "created_at"])
    id: Integer | None = None
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
    updated_at: Moment | None = None
    updated_at__gte: Annotated[Moment | None, AT_LEAST] = None
    updated_at__lte: Annotated[Moment | None, AT_MOST] = None
    created_at: Moment | None = None
    created_at__gte: Annotated[Moment | None, AT_LEAST] = None
    created_at__lte: Annotated[Moment | None, AT_MOST] = None
