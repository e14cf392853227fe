"""What the API takes in and shows of orders."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    Date,
    DateTime,
    Input,
    Integer,
    Moment,
    Numeric,
    PlainDecimal,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, IS_NULL, ListQuery, sorting
from app.models.enums import OrderState


class OrderCreate(Input):
    """A new order."""

    model_config = with_example(
        {
            "product_id": 1,
            "quantity": 1,
            "total": "1.00",
            "state": "cancelled",
            "deliver_on": "2024-01-02",
        }
    )

    product_id: Integer
    quantity: Integer
    total: Numeric = Field(max_digits=12, decimal_places=2)
    state: OrderState = Field(default=OrderState.OPEN, strict=False)
    deliver_on: Date | None = None


class OrderUpdate(Input):
    """Changes to one order; what is left out stays as it is."""

    model_config = CHANGES

    product_id: Integer = ABSENT
    quantity: Integer = ABSENT
    total: Numeric = Field(default=ABSENT, max_digits=12, decimal_places=2)
    state: OrderState = Field(default=ABSENT, strict=False)
    deliver_on: Date | None = ABSENT


class OrderRead(BaseModel):
    """One order, as it is stored."""

    model_config = OUTPUT

    id: int
    product_id: int
    quantity: int
    total: PlainDecimal
    state: OrderState
    deliver_on: dt.date | None
    created_at: DateTime
    updated_at: DateTime


class OrderQuery(ListQuery):
    """Which orders to list, and in what order."""

    sort: str | None = sorting(
        ["id", "product_id", "quantity", "total", "state", "deliver_on", "created_at", "updated_at"]
    )
    id: Integer | None = None
    product_id: Integer | None = None
    quantity: Integer | None = None
    quantity__gte: Annotated[Integer | None, AT_LEAST] = None
    quantity__lte: Annotated[Integer | None, AT_MOST] = None
    total: Numeric | None = None
    total__gte: Annotated[Numeric | None, AT_LEAST] = None
    total__lte: Annotated[Numeric | None, AT_MOST] = None
    state: OrderState | None = None
    deliver_on: Date | None = None
    deliver_on__gte: Annotated[Date | None, AT_LEAST] = None
    deliver_on__lte: Annotated[Date | None, AT_MOST] = None
    deliver_on__isnull: Annotated[bool | None, IS_NULL] = None
    created_at: Moment | None = None
    created_at__gte: Annotated[Moment | None, AT_LEAST] = None
    created_at__lte: Annotated[Moment | None, AT_MOST] = None
    updated_at: Moment | None = None
    updated_at__gte: Annotated[Moment | None, AT_LEAST] = None
    updated_at__lte: Annotated[Moment | None, AT_MOST] = None
