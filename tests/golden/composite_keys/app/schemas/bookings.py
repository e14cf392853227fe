"""What the API takes in and shows of bookings."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    DateTime,
    Input,
    Integer,
    Key,
    Moment,
    Text,
    with_example,
)
from app.core.filters import CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class BookingCreate(Input):
    """A new booking."""

    model_config = with_example(
        {
            "building": "000001",
            "room_number": 1,
            "starts_at": "2024-01-01T00:01:00Z",
            "purpose": "purpose-1",
        }
    )

    building: Key = Field(max_length=8)
    room_number: Integer
    starts_at: DateTime
    purpose: Text | None = Field(default=None, max_length=200)


class BookingUpdate(Input):
    """Changes to one booking; what is left out stays as it is."""

    model_config = CHANGES

    purpose: Text | None = Field(default=ABSENT, max_length=200)


class BookingRead(BaseModel):
    """One booking, as it is stored."""

    model_config = OUTPUT

    building: str
    room_number: int
    starts_at: DateTime
    purpose: str | None


class BookingQuery(ListQuery):
    """Which bookings to list, and in what order."""

    sort: str | None = sorting(["building", "room_number", "starts_at", "purpose"])
    building: Text | None = None
    building__contains: Annotated[Fragment | None, CONTAINS] = None
    room_number: Integer | None = None
    starts_at: Moment | None = None
    purpose: Text | None = None
    purpose__contains: Annotated[Fragment | None, CONTAINS] = None
    purpose__isnull: Annotated[bool | None, IS_NULL] = None
