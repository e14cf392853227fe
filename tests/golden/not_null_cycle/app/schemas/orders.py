"""What the API takes in and shows of orders."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, Text
from app.core.filters import CONTAINS, Fragment, ListQuery, sorting


class OrderCreate(Input):
    """A new order."""

    main_line_id: Integer
    reference: Text = Field(max_length=20)


class OrderUpdate(Input):
    """Changes to one order; what is left out stays as it is."""

    model_config = CHANGES

    main_line_id: Integer = ABSENT
    reference: Text = Field(default=ABSENT, max_length=20)


class OrderRead(BaseModel):
    """One order, as it is stored."""

    model_config = OUTPUT

    id: int
    main_line_id: int
    reference: str


class OrderQuery(ListQuery):
    """Which orders to list, and in what order."""

    sort: str | None = sorting(["id", "main_line_id", "reference"])
    id: Integer | None = None
    main_line_id: Integer | None = None
    reference: Text | None = None
    reference__contains: Annotated[Fragment | None, CONTAINS] = None
