"""What the API takes in and shows of order lines."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    BigInteger,
    Input,
    Integer,
    Numeric,
    PlainDecimal,
    SmallInteger,
    Text,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, ListQuery, sorting


class OrderLineCreate(Input):
    """A new order line."""

    model_config = with_example(
        {
            "order_id": 1,
            "line_number": 1,
            "product_sku": "sku-1",
            "quantity": 1,
            "unit_price": "1.00",
        }
    )

    order_id: BigInteger
    line_number: SmallInteger
    product_sku: Text = Field(max_length=32)
    quantity: Integer = 1
    unit_price: Numeric = Field(max_digits=10, decimal_places=2)


class OrderLineUpdate(Input):
    """Changes to one order line; what is left out stays as it is."""

    model_config = CHANGES

    product_sku: Text = Field(default=ABSENT, max_length=32)
    quantity: Integer = ABSENT
    unit_price: Numeric = Field(default=ABSENT, max_digits=10, decimal_places=2)


class OrderLineRead(BaseModel):
    """One order line, as it is stored."""

    model_config = OUTPUT

    order_id: int
    line_number: int
    product_sku: str
    quantity: int
    unit_price: PlainDecimal


class OrderLineQuery(ListQuery):
    """Which order lines to list, and in what order."""

    sort: str | None = sorting(["order_id", "line_number", "product_sku", "quantity", "unit_price"])
    order_id: BigInteger | None = None
    line_number: SmallInteger | None = None
    product_sku: Text | None = None
    quantity: Integer | None = None
    quantity__gte: Annotated[Integer | None, AT_LEAST] = None
    quantity__lte: Annotated[Integer | None, AT_MOST] = None
    unit_price: Numeric | None = None
    unit_price__gte: Annotated[Numeric | None, AT_LEAST] = None
    unit_price__lte: Annotated[Numeric | None, AT_MOST] = None
