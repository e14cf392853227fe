"""What the API takes in and shows of shipped lines."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    BigInteger,
    DateTime,
    Input,
    Integer,
    Moment,
    SmallInteger,
    Text,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class ShippedLineCreate(Input):
    """A new shipped line."""

    model_config = with_example(
        {
            "order_id": 1,
            "line_number": 1,
            "quantity": 1,
            "shipped_at": "2024-01-01T00:01:00Z",
            "tracking_code": "tracking-code-1",
        }
    )

    order_id: BigInteger
    line_number: SmallInteger
    quantity: Integer
    shipped_at: DateTime
    tracking_code: Text | None = Field(default=None, max_length=64)


class ShippedLineUpdate(Input):
    """Changes to one shipped line; what is left out stays as it is."""

    model_config = CHANGES

    order_id: BigInteger = ABSENT
    line_number: SmallInteger = ABSENT
    quantity: Integer = ABSENT
    shipped_at: DateTime = ABSENT
    tracking_code: Text | None = Field(default=ABSENT, max_length=64)


class ShippedLineRead(BaseModel):
    """One shipped line, as it is stored."""

    model_config = OUTPUT

    id: int
    order_id: int
    line_number: int
    quantity: int
    shipped_at: DateTime
    tracking_code: str | None


class ShippedLineQuery(ListQuery):
    """Which shipped lines to list, and in what order."""

    sort: str | None = sorting(
        ["id", "order_id", "line_number", "quantity", "shipped_at", "tracking_code"]
    )
    id: BigInteger | None = None
    order_id: BigInteger | None = None
    line_number: SmallInteger | None = None
    quantity: Integer | None = None
    quantity__gte: Annotated[Integer | None, AT_LEAST] = None
    quantity__lte: Annotated[Integer | None, AT_MOST] = None
    shipped_at: Moment | None = None
    shipped_at__gte: Annotated[Moment | None, AT_LEAST] = None
    shipped_at__lte: Annotated[Moment | None, AT_MOST] = None
    tracking_code: Text | None = None
    tracking_code__contains: Annotated[Fragment | None, CONTAINS] = None
    tracking_code__isnull: Annotated[bool | None, IS_NULL] = None
