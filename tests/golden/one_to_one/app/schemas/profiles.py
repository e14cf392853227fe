"""What the API takes in and shows of profiles."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, Text, with_example
from app.core.filters import CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class ProfileCreate(Input):
    """A new profile."""

    model_config = with_example({"account_id": 1, "about": "about-1"})

    account_id: Integer
    about: Text | None = Field(default=None, max_length=1_000_000)


class ProfileUpdate(Input):
    """Changes to one profile; what is left out stays as it is."""

    model_config = CHANGES

    account_id: Integer = ABSENT
    about: Text | None = Field(default=ABSENT, max_length=1_000_000)


class ProfileRead(BaseModel):
    """One profile, as it is stored."""

    model_config = OUTPUT

    id: int
    account_id: int
    about: str | None


class ProfileQuery(ListQuery):
    """Which profiles to list, and in what order."""

    sort: str | None = sorting(["id", "account_id", "about"])
    id: Integer | None = None
    account_id: Integer | None = None
    about: Text | None = None
    about__contains: Annotated[Fragment | None, CONTAINS] = None
    about__isnull: Annotated[bool | None, IS_NULL] = None
