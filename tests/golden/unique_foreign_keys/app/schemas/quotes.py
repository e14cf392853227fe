"""What the API takes in and shows of quotes."""

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


class QuoteCreate(Input):
    """A new quote."""

    model_config = with_example({"at": "2024-01-01T00:01:00Z"})

    rate_code: Text | None = Field(default=None, max_length=3)
    at: DateTime


class QuoteUpdate(Input):
    """Changes to one quote; what is left out stays as it is."""

    model_config = CHANGES

    rate_code: Text | None = Field(default=ABSENT, max_length=3)
    at: DateTime = ABSENT


class QuoteRead(BaseModel):
    """One quote, as it is stored."""

    model_config = OUTPUT

    id: int
    rate_code: str | None
    at: DateTime


class QuoteQuery(ListQuery):
    """Which quotes to list, and in what order."""

    sort: str | None = sorting(["id", "rate_code", "at"])
    id: Integer | None = None
    rate_code: Text | None = None
    rate_code__isnull: Annotated[bool | None, IS_NULL] = None
    at: Moment | None = None
    at__gte: Annotated[Moment | None, AT_LEAST] = None
    at__lte: Annotated[Moment | None, AT_MOST] = None
