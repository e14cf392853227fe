"""What the API takes in and shows of stock levels."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    DateTime,
    Input,
    Integer,
    Key,
    Moment,
    Text,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, ListQuery, sorting


class StockLevelCreate(Input):
    """A new stock level."""

    model_config = with_example(
        {"warehouse_code": "000001", "product_sku": "sku-1", "quantity": 1, "reserved": 1}
    )

    warehouse_code: Key = Field(max_length=8)
    product_sku: Key = Field(max_length=32)
    quantity: Integer = 0
    reserved: Integer = 0


class StockLevelUpdate(Input):
    """Changes to one stock level; what is left out stays as it is."""

    model_config = CHANGES

    quantity: Integer = ABSENT
    reserved: Integer = ABSENT


class StockLevelRead(BaseModel):
    """One stock level, as it is stored."""

    model_config = OUTPUT

    warehouse_code: str
    product_sku: str
    quantity: int
    reserved: int
    created_at: DateTime
    updated_at: DateTime


class StockLevelQuery(ListQuery):
    """Which stock levels to list, and in what order."""

    sort: str | None = sorting(
        ["warehouse_code", "product_sku", "quantity", "reserved", "created_at", "updated_at"]
    )
    warehouse_code: Text | None = None
    product_sku: Text | None = None
    quantity: Integer | None = None
    quantity__gte: Annotated[Integer | None, AT_LEAST] = None
    quantity__lte: Annotated[Integer | None, AT_MOST] = None
    reserved: Integer | None = None
    reserved__gte: Annotated[Integer | None, AT_LEAST] = None
    reserved__lte: Annotated[Integer | None, AT_MOST] = None
    created_at: Moment | None = None
    created_at__gte: Annotated[Moment | None, AT_LEAST] = None
    created_at__lte: Annotated[Moment | None, AT_MOST] = None
    updated_at: Moment | None = None
    updated_at__gte: Annotated[Moment | None, AT_LEAST] = None
    updated_at__lte: Annotated[Moment | None, AT_MOST] = None
