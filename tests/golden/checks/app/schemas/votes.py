"""What the API takes in and shows of votes."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    Input,
    Integer,
    SmallInteger,
    Text,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class VoteCreate(Input):
    """A new vote."""

    model_config = with_example({"stars": 2, "why": "why-1"})

    stars: SmallInteger
    why: Text | None = Field(default=None, max_length=200)


class VoteUpdate(Input):
    """Changes to one vote; what is left out stays as it is."""

    model_config = CHANGES

    stars: SmallInteger = ABSENT
    why: Text | None = Field(default=ABSENT, max_length=200)


class VoteRead(BaseModel):
    """One vote, as it is stored."""

    model_config = OUTPUT

    id: int
    stars: int
    why: str | None


class VoteQuery(ListQuery):
    """Which votes to list, and in what order."""

    sort: str | None = sorting(["id", "stars", "why"])
    id: Integer | None = None
    stars: SmallInteger | None = None
    stars__gte: Annotated[SmallInteger | None, AT_LEAST] = None
    stars__lte: Annotated[SmallInteger | None, AT_MOST] = None
    why: Text | None = None
    why__contains: Annotated[Fragment | None, CONTAINS] = None
    why__isnull: Annotated[bool | None, IS_NULL] = None
