"""What the API takes in and shows of orders."""

import datetime as dt
from decimal import Decimal
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    Binary,
    DateTime,
    Duration,
    Input,
    Integer,
    Interval,
    Moment,
    Numeric,
    PlainDecimal,
    Text,
    Time,
    Uuid,
    at_most_bytes,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class OrderCreate(Input):
    """A new order."""

    model_config = with_example(
        {
            "id": "00000000-0000-0000-0000-000000000001",
            "user": 1,
            "select": "1.000000",
            "where": "00:00:01",
            "limit": "P1D",
            "offset": 1,
            "sort": "sort-1",
            "total": 1,
            "items": 1,
            "desc": "/+//7g==",
        }
    )

    id: Uuid = Field(default_factory=uuid4)
    user: Integer
    table: Uuid | None = Field(default=None, description="A table in a column.")
    select: Numeric | None = Field(
        default=Decimal("12345678901234.123456"), max_digits=20, decimal_places=6
    )
    where: Time | None = dt.time(23, 59, 59)
    limit: Interval | None = dt.timedelta(days=1, seconds=7384)
    offset: Integer = 0
    sort: Text | None = Field(default="asc", max_length=20)
    total: Integer | None = None
    items: Integer | None = None
    desc: Annotated[Binary, at_most_bytes(1_000_000)] | None = None


class OrderUpdate(Input):
    """Changes to one order; what is left out stays as it is."""

    model_config = CHANGES

    user: Integer = ABSENT
    table: Uuid | None = Field(default=ABSENT, description="A table in a column.")
    select: Numeric | None = Field(default=ABSENT, max_digits=20, decimal_places=6)
    where: Time | None = ABSENT
    limit: Interval | None = ABSENT
    offset: Integer = ABSENT
    sort: Text | None = Field(default=ABSENT, max_length=20)
    total: Integer | None = ABSENT
    items: Integer | None = ABSENT
    desc: Annotated[Binary, at_most_bytes(1_000_000)] | None = ABSENT


class OrderRead(BaseModel):
    """One order, as it is stored."""

    model_config = OUTPUT

    id: UUID
    user: int
    table: UUID | None = Field(description="A table in a column.")
    select: PlainDecimal | None
    where: Time | None
    limit: Duration | None
    offset: int
    sort: str | None
    total: int | None
    items: int | None
    desc: Binary | None
    created_at: DateTime
    updated_at: DateTime


class OrderQuery(ListQuery):
    """Which orders to list, and in what order."""

    sort: str | None = sorting(
        [
            "id",
            "user",
            "table",
            "select",
            "where",
            "limit",
            "offset",
            "sort",
            "total",
            "items",
            "created_at",
            "updated_at",
        ]
    )
    id: Uuid | None = None
    user: Integer | None = None
    table: Uuid | None = None
    table__isnull: Annotated[bool | None, IS_NULL] = None
    select: Numeric | None = None
    select__gte: Annotated[Numeric | None, AT_LEAST] = None
    select__lte: Annotated[Numeric | None, AT_MOST] = None
    select__isnull: Annotated[bool | None, IS_NULL] = None
    where: Time | None = None
    where__gte: Annotated[Time | None, AT_LEAST] = None
    where__lte: Annotated[Time | None, AT_MOST] = None
    where__isnull: Annotated[bool | None, IS_NULL] = None
    limit__eq: Interval | None = None
    limit__gte: Annotated[Interval | None, AT_LEAST] = None
    limit__lte: Annotated[Interval | None, AT_MOST] = None
    limit__isnull: Annotated[bool | None, IS_NULL] = None
    offset__eq: Integer | None = None
    offset__gte: Annotated[Integer | None, AT_LEAST] = None
    offset__lte: Annotated[Integer | None, AT_MOST] = None
    sort__eq: Text | None = None
    sort__contains: Annotated[Fragment | None, CONTAINS] = None
    sort__isnull: Annotated[bool | None, IS_NULL] = None
    total: Integer | None = None
    total__gte: Annotated[Integer | None, AT_LEAST] = None
    total__lte: Annotated[Integer | None, AT_MOST] = None
    total__isnull: Annotated[bool | None, IS_NULL] = None
    items: Integer | None = None
    items__gte: Annotated[Integer | None, AT_LEAST] = None
    items__lte: Annotated[Integer | None, AT_MOST] = None
    items__isnull: Annotated[bool | None, IS_NULL] = None
    desc__isnull: Annotated[bool | None, IS_NULL] = None
    created_at: Moment | None = None
    created_at__gte: Annotated[Moment | None, AT_LEAST] = None
    created_at__lte: Annotated[Moment | None, AT_MOST] = None
    updated_at: Moment | None = None
    updated_at__gte: Annotated[Moment | None, AT_LEAST] = None
    updated_at__lte: Annotated[Moment | None, AT_MOST] = None
