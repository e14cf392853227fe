"""What the API takes in and shows of people."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, BigInteger, Input, Text, with_example
from app.core.filters import CONTAINS, Fragment, ListQuery, sorting


class PersonCreate(Input):
    """A new person."""

    model_config = with_example({"name": "name-1"})

    name: Text = Field(max_length=80)


class PersonUpdate(Input):
    """Changes to one person; what is left out stays as it is."""

    model_config = CHANGES

    name: Text = Field(default=ABSENT, max_length=80)


class PersonRead(BaseModel):
    """One person, as it is stored."""

    model_config = OUTPUT

    id: int
    name: str


class PersonQuery(ListQuery):
    """Which people to list, and in what order."""

    sort: str | None = sorting(["id", "name"])
    id: BigInteger | None = None
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
