"""What the API takes in and shows of skills."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Key, Text, with_example
from app.core.filters import CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class SkillCreate(Input):
    """A new skill."""

    model_config = with_example({"name": "name-1"})

    name: Key = Field(max_length=60)
    broader_name: Text | None = Field(default=None, max_length=60)


class SkillUpdate(Input):
    """Changes to one skill; what is left out stays as it is."""

    model_config = CHANGES

    broader_name: Text | None = Field(default=ABSENT, max_length=60)


class SkillRead(BaseModel):
    """One skill, as it is stored."""

    model_config = OUTPUT

    name: str
    broader_name: str | None


class SkillQuery(ListQuery):
    """Which skills to list, and in what order."""

    sort: str | None = sorting(["name", "broader_name"])
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
    broader_name: Text | None = None
    broader_name__isnull: Annotated[bool | None, IS_NULL] = None
