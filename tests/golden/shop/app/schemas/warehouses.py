"""What the API takes in and shows of warehouses."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Key, Text, with_example
from app.core.filters import CONTAINS, Fragment, ListQuery, sorting


class WarehouseCreate(Input):
    """A new warehouse."""

    model_config = with_example({"code": "000001", "city": "city-1", "country": "01"})

    code: Key = Field(max_length=8)
    city: Text = Field(max_length=80)
    country: Text = Field(max_length=2, description="ISO 3166, two letters.")


class WarehouseUpdate(Input):
    """Changes to one warehouse; what is left out stays as it is."""

    model_config = CHANGES

    city: Text = Field(default=ABSENT, max_length=80)
    country: Text = Field(default=ABSENT, max_length=2, description="ISO 3166, two letters.")


class WarehouseRead(BaseModel):
    """One warehouse, as it is stored."""

    model_config = OUTPUT

    code: str
    city: str
    country: str = Field(description="ISO 3166, two letters.")


class WarehouseQuery(ListQuery):
    """Which warehouses to list, and in what order."""

    sort: str | None = sorting(["code", "city", "country"])
    code: Text | None = None
    code__contains: Annotated[Fragment | None, CONTAINS] = None
    city: Text | None = None
    city__contains: Annotated[Fragment | None, CONTAINS] = None
    country: Text | None = None
    country__contains: Annotated[Fragment | None, CONTAINS] = None
