"""What the API takes in and shows of currencies."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, Text, with_example
from app.core.filters import CONTAINS, Fragment, ListQuery, sorting


class CurrencyCreate(Input):
    """A new currency."""

    model_config = with_example({"code": "001"})

    code: Text = Field(max_length=3)


class CurrencyUpdate(Input):
    """Changes to one currency; what is left out stays as it is."""

    model_config = CHANGES

    code: Text = Field(default=ABSENT, max_length=3)


class CurrencyRead(BaseModel):
    """One currency, as it is stored."""

    model_config = OUTPUT

    id: int
    code: str


class CurrencyQuery(ListQuery):
    """Which currencies to list, and in what order."""

    sort: str | None = sorting(["id", "code"])
    id: Integer | None = None
    code: Text | None = None
    code__contains: Annotated[Fragment | None, CONTAINS] = None
