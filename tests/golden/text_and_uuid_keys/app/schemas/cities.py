"""What the API takes in and shows of cities."""

from typing import Annotated
from uuid import UUID, uuid4

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Text, Uuid, with_example
from app.core.filters import CONTAINS, Fragment, ListQuery, sorting


class CityCreate(Input):
    """A new city."""

    model_config = with_example(
        {"id": "00000000-0000-0000-0000-000000000001", "country_code": "01", "name": "name-1"}
    )

    id: Uuid = Field(default_factory=uuid4)
    country_code: Text = Field(max_length=2)
    name: Text = Field(max_length=80)


class CityUpdate(Input):
    """Changes to one city; what is left out stays as it is."""

    model_config = CHANGES

    country_code: Text = Field(default=ABSENT, max_length=2)
    name: Text = Field(default=ABSENT, max_length=80)


class CityRead(BaseModel):
    """One city, as it is stored."""

    model_config = OUTPUT

    id: UUID
    country_code: str
    name: str


class CityQuery(ListQuery):
    """Which cities to list, and in what order."""

    sort: str | None = sorting(["id", "country_code", "name"])
    id: Uuid | None = None
    country_code: Text | None = None
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
