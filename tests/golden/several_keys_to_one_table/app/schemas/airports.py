"""What the API takes in and shows of airports."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Key, Text, with_example
from app.core.filters import CONTAINS, Fragment, ListQuery, sorting


class AirportCreate(Input):
    """A new airport."""

    model_config = with_example({"code": "001", "name": "name-1"})

    code: Key = Field(max_length=3)
    name: Text = Field(max_length=80)


class AirportUpdate(Input):
    """Changes to one airport; what is left out stays as it is."""

    model_config = CHANGES

    name: Text = Field(default=ABSENT, max_length=80)


class AirportRead(BaseModel):
    """One airport, as it is stored."""

    model_config = OUTPUT

    code: str
    name: str


class AirportQuery(ListQuery):
    """Which airports to list, and in what order."""

    sort: str | None = sorting(["code", "name"])
    code: Text | None = None
    code__contains: Annotated[Fragment | None, CONTAINS] = None
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
