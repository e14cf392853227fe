"""What the API takes in and shows of countries."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Key, Text, with_example
from app.core.filters import CONTAINS, Fragment, ListQuery, sorting


class CountryCreate(Input):
    """A new country."""

    model_config = with_example({"code": "01", "name": "name-1"})

    code: Key = Field(max_length=2)
    name: Text = Field(max_length=80)


class CountryUpdate(Input):
    """Changes to one country; what is left out stays as it is."""

    model_config = CHANGES

    name: Text = Field(default=ABSENT, max_length=80)


class CountryRead(BaseModel):
    """One country, as it is stored."""

    model_config = OUTPUT

    code: str
    name: str


class CountryQuery(ListQuery):
    """Which countries to list, and in what order."""

    sort: str | None = sorting(["code", "name"])
    code: Text | None = None
    code__contains: Annotated[Fragment | None, CONTAINS] = None
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
