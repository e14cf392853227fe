"""What the API takes in and shows of rooms."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Key, SmallInteger, Text, with_example
from app.core.filters import AT_LEAST, AT_MOST, CONTAINS, Fragment, ListQuery, sorting


class RoomCreate(Input):
    """A new room."""

    model_config = with_example({"number": "000001", "floor": 1, "has_sink": True})

    number: Key = Field(max_length=8)
    floor: SmallInteger
    has_sink: bool = True


class RoomUpdate(Input):
    """Changes to one room; what is left out stays as it is."""

    model_config = CHANGES

    floor: SmallInteger = ABSENT
    has_sink: bool = ABSENT


class RoomRead(BaseModel):
    """One room, as it is stored."""

    model_config = OUTPUT

    number: str
    floor: int
    has_sink: bool


class RoomQuery(ListQuery):
    """Which rooms to list, and in what order."""

    sort: str | None = sorting(["number", "floor", "has_sink"])
    number: Text | None = None
    number__contains: Annotated[Fragment | None, CONTAINS] = None
    floor: SmallInteger | None = None
    floor__gte: Annotated[SmallInteger | None, AT_LEAST] = None
    floor__lte: Annotated[SmallInteger | None, AT_MOST] = None
    has_sink: bool | None = None
