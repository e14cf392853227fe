"""What the API takes in and shows of flights."""

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
from app.core.filters import AT_LEAST, AT_MOST, IS_NULL, ListQuery, sorting


class FlightCreate(Input):
    """A new flight."""

    model_config = with_example(
        {"origin_code": "001", "destination_code": "001", "departs_at": "2024-01-01T00:01:00Z"}
    )

    origin_code: Text = Field(max_length=3)
    destination_code: Text = Field(max_length=3)
    diverted_to: Text | None = Field(default=None, max_length=3)
    departs_at: DateTime


class FlightUpdate(Input):
    """Changes to one flight; what is left out stays as it is."""

    model_config = CHANGES

    origin_code: Text = Field(default=ABSENT, max_length=3)
    destination_code: Text = Field(default=ABSENT, max_length=3)
    diverted_to: Text | None = Field(default=ABSENT, max_length=3)
    departs_at: DateTime = ABSENT


class FlightRead(BaseModel):
    """One flight, as it is stored."""

    model_config = OUTPUT

    id: int
    origin_code: str
    destination_code: str
    diverted_to: str | None
    departs_at: DateTime


class FlightQuery(ListQuery):
    """Which flights to list, and in what order."""

    sort: str | None = sorting(
        ["id", "origin_code", "destination_code", "diverted_to", "departs_at"]
    )
    id: Integer | None = None
    origin_code: Text | None = None
    destination_code: Text | None = None
    diverted_to: Text | None = None
    diverted_to__isnull: Annotated[bool | None, IS_NULL] = None
    departs_at: Moment | None = None
    departs_at__gte: Annotated[Moment | None, AT_LEAST] = None
    departs_at__lte: Annotated[Moment | None, AT_MOST] = None
