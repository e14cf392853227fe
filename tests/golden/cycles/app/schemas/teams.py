"""What the API takes in and shows of teams."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, Text, with_example
from app.core.filters import CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class TeamCreate(Input):
    """A new team."""

    model_config = with_example({"name": "name-1"})

    name: Text = Field(max_length=60)
    captain_id: Integer | None = None


class TeamUpdate(Input):
    """Changes to one team; what is left out stays as it is."""

    model_config = CHANGES

    name: Text = Field(default=ABSENT, max_length=60)
    captain_id: Integer | None = ABSENT


class TeamRead(BaseModel):
    """One team, as it is stored."""

    model_config = OUTPUT

    id: int
    name: str
    captain_id: int | None


class TeamQuery(ListQuery):
    """Which teams to list, and in what order."""

    sort: str | None = sorting(["id", "name", "captain_id"])
    id: Integer | None = None
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
    captain_id: Integer | None = None
    captain_id__isnull: Annotated[bool | None, IS_NULL] = None
