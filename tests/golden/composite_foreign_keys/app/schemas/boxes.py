"""What the API takes in and shows of boxes."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, Text, with_example
from app.core.filters import IS_NULL, ListQuery, sorting


class BoxCreate(Input):
    """A new box."""

    model_config = with_example({})

    shelf_label: Text | None = Field(default=None, max_length=10)
    shelf_warehouse: Text | None = Field(default=None, max_length=8)


class BoxUpdate(Input):
    """Changes to one box; what is left out stays as it is."""

    model_config = CHANGES

    shelf_label: Text | None = Field(default=ABSENT, max_length=10)
    shelf_warehouse: Text | None = Field(default=ABSENT, max_length=8)


class BoxRead(BaseModel):
    """One box, as it is stored."""

    model_config = OUTPUT

    id: int
    shelf_label: str | None
    shelf_warehouse: str | None


class BoxQuery(ListQuery):
    """Which boxes to list, and in what order."""

    sort: str | None = sorting(["id", "shelf_label", "shelf_warehouse"])
    id: Integer | None = None
    shelf_label: Text | None = None
    shelf_label__isnull: Annotated[bool | None, IS_NULL] = None
    shelf_warehouse: Text | None = None
    shelf_warehouse__isnull: Annotated[bool | None, IS_NULL] = None
