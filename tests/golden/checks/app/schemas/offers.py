"""What the API takes in and shows of offers."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    Date,
    Input,
    Integer,
    Numeric,
    PlainDecimal,
    Text,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class OfferCreate(Input):
    """A new offer."""

    model_config = with_example(
        {
            "price": "1.00",
            "discount": "1.00",
            "starts_on": "2024-01-02",
            "ends_on": "2026-09-28",
            "state": "sold",
            "public": True,
        }
    )

    price: Numeric = Field(max_digits=10, decimal_places=2)
    discount: Numeric | None = Field(default=None, max_digits=10, decimal_places=2)
    starts_on: Date
    ends_on: Date | None = None
    state: Text = Field(default="draft", max_length=12)
    public: bool = False


class OfferUpdate(Input):
    """Changes to one offer; what is left out stays as it is."""

    model_config = CHANGES

    price: Numeric = Field(default=ABSENT, max_digits=10, decimal_places=2)
    discount: Numeric | None = Field(default=ABSENT, max_digits=10, decimal_places=2)
    starts_on: Date = ABSENT
    ends_on: Date | None = ABSENT
    state: Text = Field(default=ABSENT, max_length=12)
    public: bool = ABSENT


class OfferRead(BaseModel):
    """One offer, as it is stored."""

    model_config = OUTPUT

    id: int
    price: PlainDecimal
    discount: PlainDecimal | None
    starts_on: dt.date
    ends_on: dt.date | None
    state: str
    public: bool


class OfferQuery(ListQuery):
    """Which offers to list, and in what order."""

    sort: str | None = sorting(
        ["id", "price", "discount", "starts_on", "ends_on", "state", "public"]
    )
    id: Integer | None = None
    price: Numeric | None = None
    price__gte: Annotated[Numeric | None, AT_LEAST] = None
    price__lte: Annotated[Numeric | None, AT_MOST] = None
    discount: Numeric | None = None
    discount__gte: Annotated[Numeric | None, AT_LEAST] = None
    discount__lte: Annotated[Numeric | None, AT_MOST] = None
    discount__isnull: Annotated[bool | None, IS_NULL] = None
    starts_on: Date | None = None
    starts_on__gte: Annotated[Date | None, AT_LEAST] = None
    starts_on__lte: Annotated[Date | None, AT_MOST] = None
    ends_on: Date | None = None
    ends_on__gte: Annotated[Date | None, AT_LEAST] = None
    ends_on__lte: Annotated[Date | None, AT_MOST] = None
    ends_on__isnull: Annotated[bool | None, IS_NULL] = None
    state: Text | None = None
    state__contains: Annotated[Fragment | None, CONTAINS] = None
    public: bool | None = None
