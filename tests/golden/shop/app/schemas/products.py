"""What the API takes in and shows of products."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    DateTime,
    Float,
    Input,
    Json,
    Key,
    Moment,
    Numeric,
    PlainDecimal,
    Text,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class ProductCreate(Input):
    """A new product."""

    model_config = with_example(
        {
            "sku": "sku-1",
            "title": "title-1",
            "details": {"number": 1, "list": [None, True, "text"]},
            "price": "1.00",
            "vat_rate": "0.001",
            "weight_kg": 1.5,
            "discontinued": True,
        }
    )

    sku: Key = Field(max_length=32, description="The article number, as it is printed on the box.")
    title: Text = Field(max_length=200)
    details: Json | None = Field(
        default={}, description="Whatever the product page shows: colours, sizes, pictures."
    )
    price: Numeric = Field(max_digits=10, decimal_places=2)
    vat_rate: Numeric = Field(default=Decimal("0.19"), max_digits=4, decimal_places=3)
    weight_kg: Float | None = None
    discontinued: bool = False


class ProductUpdate(Input):
    """Changes to one product; what is left out stays as it is."""

    model_config = CHANGES

    title: Text = Field(default=ABSENT, max_length=200)
    details: Json | None = Field(
        default=ABSENT, description="Whatever the product page shows: colours, sizes, pictures."
    )
    price: Numeric = Field(default=ABSENT, max_digits=10, decimal_places=2)
    vat_rate: Numeric = Field(default=ABSENT, max_digits=4, decimal_places=3)
    weight_kg: Float | None = ABSENT
    discontinued: bool = ABSENT


class ProductRead(BaseModel):
    """One product, as it is stored."""

    model_config = OUTPUT

    sku: str = Field(description="The article number, as it is printed on the box.")
    title: str
    details: Any = Field(description="Whatever the product page shows: colours, sizes, pictures.")
    price: PlainDecimal
    vat_rate: PlainDecimal
    weight_kg: float | None
    discontinued: bool
    created_at: DateTime
    updated_at: DateTime


class ProductQuery(ListQuery):
    """Which products to list, and in what order."""

    sort: str | None = sorting(
        [
            "sku",
            "title",
            "price",
            "vat_rate",
            "weight_kg",
            "discontinued",
            "created_at",
            "updated_at",
        ]
    )
    sku: Text | None = None
    sku__contains: Annotated[Fragment | None, CONTAINS] = None
    title: Text | None = None
    title__contains: Annotated[Fragment | None, CONTAINS] = None
    details__isnull: Annotated[bool | None, IS_NULL] = None
    price: Numeric | None = None
    price__gte: Annotated[Numeric | None, AT_LEAST] = None
    price__lte: Annotated[Numeric | None, AT_MOST] = None
    vat_rate: Numeric | None = None
    vat_rate__gte: Annotated[Numeric | None, AT_LEAST] = None
    vat_rate__lte: Annotated[Numeric | None, AT_MOST] = None
    weight_kg: Float | None = None
    weight_kg__gte: Annotated[Float | None, AT_LEAST] = None
    weight_kg__lte: Annotated[Float | None, AT_MOST] = None
    weight_kg__isnull: Annotated[bool | None, IS_NULL] = None
    discontinued: bool | None = None
    created_at: Moment | None = None
    created_at__gte: Annotated[Moment | None, AT_LEAST] = None
    created_at__lte: Annotated[Moment | None, AT_MOST] = None
    updated_at: Moment | None = None
    updated_at__gte: Annotated[Moment | None, AT_LEAST] = None
    updated_at__lte: Annotated[Moment | None, AT_MOST] = None
