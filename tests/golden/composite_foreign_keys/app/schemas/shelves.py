"""What the API takes in and shows of shelves."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, Text, with_example
from app.core.filters import CONTAINS, Fragment, ListQuery, sorting


class ShelfCreate(Input):
    """A new shelf."""

    model_config = with_example({"country": "01", "warehouse_code": "000001", "label": "000001"})

    country: Text = Field(max_length=2)
    warehouse_code: Text = Field(max_length=8)
    label: Text = Field(max_length=10)


class ShelfUpdate(Input):
    """Changes to one shelf; what is left out stays as it is."""

    model_config = CHANGES

    country: Text = Field(default=ABSENT, max_length=2)
    warehouse_code: Text = Field(default=ABSENT, max_length=8)
    label: Text = Field(default=ABSENT, max_length=10)


class ShelfRead(BaseModel):
    """One shelf, as it is stored."""

    model_config = OUTPUT

    id: int
    country: str
    warehouse_code: str
    label: str


class ShelfQuery(ListQuery):
    """Which shelves to list, and in what order."""

    sort: str | None = sorting(["id", "country", "warehouse_code", "label"])
    id: Integer | None = None
    country: Text | None = None
    warehouse_code: Text | None = None
    label: Text | None = None
    label__contains: Annotated[Fragment | None, CONTAINS] = None
