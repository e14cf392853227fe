"""What the API takes in and shows of folders."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, Text, with_example
from app.core.filters import CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class FolderCreate(Input):
    """A new folder."""

    model_config = with_example({"name": "name-1"})

    parent_id: Integer | None = None
    name: Text = Field(max_length=120)


class FolderUpdate(Input):
    """Changes to one folder; what is left out stays as it is."""

    model_config = CHANGES

    parent_id: Integer | None = ABSENT
    name: Text = Field(default=ABSENT, max_length=120)


class FolderRead(BaseModel):
    """One folder, as it is stored."""

    model_config = OUTPUT

    id: int
    parent_id: int | None
    name: str


class FolderQuery(ListQuery):
    """Which folders to list, and in what order."""

    sort: str | None = sorting(["id", "parent_id", "name"])
    id: Integer | None = None
    parent_id: Integer | None = None
    parent_id__isnull: Annotated[bool | None, IS_NULL] = None
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
