"""What the API takes in and shows of rooms."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    Input,
    Integer,
    Key,
    SmallInteger,
    Text,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class RoomCreate(Input):
    """A new room."""

    model_config = with_example({"building": "000001", "number": 1, "name": "name-1", "seats": 1})

    building: Key = Field(max_length=8)
    number: Integer
    name: Text = Field(max_length=60)
    seats: SmallInteger | None = None


class RoomUpdate(Input):
    """Changes to one room; what is left out stays as it is."""

    model_config = CHANGES

    name: Text = Field(default=ABSENT, max_length=60)
    seats: SmallInteger | None = ABSENT


class RoomRead(BaseModel):
    """One room, as it is stored."""

    model_config = OUTPUT

    building: str
    number: int
    name: str
    seats: int | None


class RoomQuery(ListQuery):
    """Which rooms to list, and in what order."""

    sort: str | None = sorting(["building", "number", "name", "seats"])
    building: Text | None = None
    building__contains: Annotated[Fragment | None, CONTAINS] = None
    number: Integer | None = None
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
    seats: SmallInteger | None = None
    seats__gte: Annotated[SmallInteger | None, AT_LEAST] = None
    seats__lte: Annotated[SmallInteger | None, AT_MOST] = None
    seats__isnull: Annotated[bool | None, IS_NULL] = None
