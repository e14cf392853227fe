"""What the API takes in and shows of products."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    Input,
    Integer,
    Numeric,
    PlainDecimal,
    Text,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, CONTAINS, Fragment, ListQuery, sorting


class ProductCreate(Input):
    """A new product."""

    model_config = with_example({"name": "name-1", "price": "1.00", "stock": 1})

    name: Text = Field(max_length=80)
    price: Numeric = Field(max_digits=10, decimal_places=2)
    stock: Integer = 0


class ProductUpdate(Input):
    """Changes to one product; what is left out stays as it is."""

    model_config = CHANGES

    name: Text = Field(default=ABSENT, max_length=80)
    price: Numeric = Field(default=ABSENT, max_digits=10, decimal_places=2)
    stock: Integer = ABSENT


class ProductRead(BaseModel):
    """One product, as it is stored."""

    model_config = OUTPUT

    id: int
    name: str
    price: PlainDecimal
    stock: int


class ProductQuery(ListQuery):
    """Which products to list, and in what order."""

    sort: str | None = sorting(["id", "name", "price", "stock"])
    id: Integer | None = None
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
    price: Numeric | None = None
    price__gte: Annotated[Numeric | None, AT_LEAST] = None
    price__lte: Annotated[Numeric | None, AT_MOST] = None
    stock: Integer | None = None
    stock__gte: Annotated[Integer | None, AT_LEAST] = None
    stock__lte: Annotated[Integer | None, AT_MOST] = None
