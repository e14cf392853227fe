"""What the API takes in and shows of orders."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    BigInteger,
    Date,
    DateTime,
    Input,
    Moment,
    Text,
    Uuid,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, CONTAINS, IS_NULL, Fragment, ListQuery, sorting
from app.models.enums import OrderStatus


class OrderCreate(Input):
    """A new order."""

    model_config = with_example(
        {
            "customer_id": 1,
            "reference": "00000000-0000-0000-0000-000000000001",
            "status": "placed",
            "placed_at": "2024-01-01T00:01:00Z",
            "deliver_on": "2024-01-02",
            "note": "note-1",
        }
    )

    customer_id: BigInteger
    reference: Uuid = Field(description="What the customer sees instead of the number.")
    status: OrderStatus = Field(default=OrderStatus.CART, strict=False)
    placed_at: DateTime | None = None
    deliver_on: Date | None = None
    note: Text | None = Field(default=None, max_length=1_000_000)


class OrderUpdate(Input):
    """Changes to one order; what is left out stays as it is."""

    model_config = CHANGES

    customer_id: BigInteger = ABSENT
    reference: Uuid = Field(
        default=ABSENT, description="What the customer sees instead of the number."
    )
    status: OrderStatus = Field(default=ABSENT, strict=False)
    placed_at: DateTime | None = ABSENT
    deliver_on: Date | None = ABSENT
    note: Text | None = Field(default=ABSENT, max_length=1_000_000)


class OrderRead(BaseModel):
    """One order, as it is stored."""

    model_config = OUTPUT

    id: int
    customer_id: int
    reference: UUID = Field(description="What the customer sees instead of the number.")
    status: OrderStatus
    placed_at: DateTime | None
    deliver_on: dt.date | None
    note: str | None
    created_at: DateTime
    updated_at: DateTime


class OrderQuery(ListQuery):
    """Which orders to list, and in what order."""

    sort: str | None = sorting(
        [
            "id",
            "customer_id",
            "reference",
            "status",
            "placed_at",
            "deliver_on",
            "note",
            "created_at",
            "updated_at",
        ]
    )
    id: BigInteger | None = None
    customer_id: BigInteger | None = None
    reference: Uuid | None = None
    status: OrderStatus | None = None
    placed_at: Moment | None = None
    placed_at__gte: Annotated[Moment | None, AT_LEAST] = None
    placed_at__lte: Annotated[Moment | None, AT_MOST] = None
    placed_at__isnull: Annotated[bool | None, IS_NULL] = None
    deliver_on: Date | None = None
    deliver_on__gte: Annotated[Date | None, AT_LEAST] = None
    deliver_on__lte: Annotated[Date | None, AT_MOST] = None
    deliver_on__isnull: Annotated[bool | None, IS_NULL] = None
    note: Text | None = None
    note__contains: Annotated[Fragment | None, CONTAINS] = None
    note__isnull: Annotated[bool | None, IS_NULL] = None
    created_at: Moment | None = None
    created_at__gte: Annotated[Moment | None, AT_LEAST] = None
    created_at__lte: Annotated[Moment | None, AT_MOST] = None
    updated_at: Moment | None = None
    updated_at__gte: Annotated[Moment | None, AT_LEAST] = None
    updated_at__lte: Annotated[Moment | None, AT_MOST] = None
