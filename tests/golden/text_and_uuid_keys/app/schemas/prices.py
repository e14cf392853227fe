"""What the API takes in and shows of prices."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    Date,
    Input,
    Numeric,
    PlainDecimal,
    Uuid,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, ListQuery, sorting


class PriceCreate(Input):
    """A new price."""

    model_config = with_example(
        {"day": "2024-01-02", "city_id": "00000000-0000-0000-0000-000000000001", "amount": "1.00"}
    )

    day: Date
    city_id: Uuid
    amount: Numeric = Field(max_digits=8, decimal_places=2)


class PriceUpdate(Input):
    """Changes to one price; what is left out stays as it is."""

    model_config = CHANGES

    amount: Numeric = Field(default=ABSENT, max_digits=8, decimal_places=2)


class PriceRead(BaseModel):
    """One price, as it is stored."""

    model_config = OUTPUT

    day: dt.date
    city_id: UUID
    amount: PlainDecimal


class PriceQuery(ListQuery):
    """Which prices to list, and in what order."""

    sort: str | None = sorting(["day", "city_id", "amount"])
    day: Date | None = None
    city_id: Uuid | None = None
    amount: Numeric | None = None
    amount__gte: Annotated[Numeric | None, AT_LEAST] = None
    amount__lte: Annotated[Numeric | None, AT_MOST] = None
