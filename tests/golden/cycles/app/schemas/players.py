"""What the API takes in and shows of players."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, Text, with_example
from app.core.filters import CONTAINS, Fragment, ListQuery, sorting


class PlayerCreate(Input):
    """A new player."""

    model_config = with_example({"name": "name-1", "team_id": 1})

    name: Text = Field(max_length=60)
    team_id: Integer


class PlayerUpdate(Input):
    """Changes to one player; what is left out stays as it is."""

    model_config = CHANGES

    name: Text = Field(default=ABSENT, max_length=60)
    team_id: Integer = ABSENT


class PlayerRead(BaseModel):
    """One player, as it is stored."""

    model_config = OUTPUT

    id: int
    name: str
    team_id: int


class PlayerQuery(ListQuery):
    """Which players to list, and in what order."""

    sort: str | None = sorting(["id", "name", "team_id"])
    id: Integer | None = None
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
    team_id: Integer | None = None
