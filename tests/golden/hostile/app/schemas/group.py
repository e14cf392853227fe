"""What the API takes in and shows of groups."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Json, Key, Text, Uuid, with_example
from app.core.filters import CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class GroupCreate(Input):
    """A new group."""

    model_config = with_example(
        {
            "order": "00000000-0000-0000-0000-000000000001",
            "key": "key-1",
            "values": {"number": 1, "list": [None, True, "text"]},
        }
    )

    order: Uuid
    key: Key = Field(max_length=20)
    values: Json | None = Field(default=[])


class GroupUpdate(Input):
    """Changes to one group; what is left out stays as it is."""

    model_config = CHANGES

    values: Json | None = ABSENT


class GroupRead(BaseModel):
    """One group, as it is stored."""

    model_config = OUTPUT

    order: UUID
    key: str
    values: Any


class GroupQuery(ListQuery):
    """Which groups to list, and in what order."""

    sort: str | None = sorting(["order", "key"])
    order: Uuid | None = None
    key: Text | None = None
    key__contains: Annotated[Fragment | None, CONTAINS] = None
    values__isnull: Annotated[bool | None, IS_NULL] = None
