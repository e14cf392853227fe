"""What the API takes in and shows of order lines."""

from typing import Annotated

from pydantic import BaseModel

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer
from app.core.filters import AT_LEAST, AT_MOST, ListQuery, sorting


class OrderLineCreate(Input):
    """A new order line."""

    order_id: Integer
    quantity: Integer


class OrderLineUpdate(Input):
    """Changes to one order line; what is left out stays as it is."""

    model_config = CHANGES

    order_id: Integer = ABSENT
    quantity: Integer = ABSENT


class OrderLineRead(BaseModel):
    """One order line, as it is stored."""

    model_config = OUTPUT

    id: int
    order_id: int
    quantity: int


class OrderLineQuery(ListQuery):
    """Which order lines to list, and in what order."""

    sort: str | None = sorting(["id", "order_id", "quantity"])
    id: Integer | None = None
    order_id: Integer | None = None
    quantity: Integer | None = None
    quantity__gte: Annotated[Integer | None, AT_LEAST] = None
    quantity__lte: Annotated[Integer | None, AT_MOST] = None
