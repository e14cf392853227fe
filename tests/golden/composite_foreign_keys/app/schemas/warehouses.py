"""What the API takes in and shows of warehouses."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Key, Text, with_example
from app.core.filters import CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class WarehouseCreate(Input):
    """A new warehouse."""

    model_config = with_example({"country": "01", "code": "000001", "city": "city-1"})

    country: Key = Field(max_length=2)
    code: Key = Field(max_length=8)
    city: Text | None = Field(default=None, max_length=60)


class WarehouseUpdate(Input):
    """Changes to one warehouse; what is left out stays as it is."""

    model_config = CHANGES

    city: Text | None = Field(default=ABSENT, max_length=60)


class WarehouseRead(BaseModel):
    """One warehouse, as it is stored."""

    model_config = OUTPUT

    country: str
    code: str
    city: str | None


class WarehouseQuery(ListQuery):
    """Which warehouses to list, and in what order."""

    sort: str | None = sorting(["country", "code", "city"])
    country: Text | None = None
    country__contains: Annotated[Fragment | None, CONTAINS] = None
    code: Text | None = None
    code__contains: Annotated[Fragment | None, CONTAINS] = None
    city: Text | None = None
    city__contains: Annotated[Fragment | None, CONTAINS] = None
    city__isnull: Annotated[bool | None, IS_NULL] = None
