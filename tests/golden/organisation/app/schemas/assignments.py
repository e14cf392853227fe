"""What the API takes in and shows of assignments."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Float, Input, Integer, Text, Uuid, with_example
from app.core.filters import AT_LEAST, AT_MOST, CONTAINS, Fragment, ListQuery, sorting


class AssignmentCreate(Input):
    """A new assignment."""

    model_config = with_example(
        {
            "project_id": 1,
            "person_id": "00000000-0000-0000-0000-000000000001",
            "role": "role-1",
            "share": 1,
        }
    )

    project_id: Integer
    person_id: Uuid
    role: Text = Field(default="member", max_length=60)
    share: Float = Field(default=1.0, description="1 is full time.")


class AssignmentUpdate(Input):
    """Changes to one assignment; what is left out stays as it is."""

    model_config = CHANGES

    role: Text = Field(default=ABSENT, max_length=60)
    share: Float = Field(default=ABSENT, description="1 is full time.")


class AssignmentRead(BaseModel):
    """One assignment, as it is stored."""

    model_config = OUTPUT

    project_id: int
    person_id: UUID
    role: str
    share: float = Field(description="1 is full time.")


class AssignmentQuery(ListQuery):
    """Which assignments to list, and in what order."""

    sort: str | None = sorting(["project_id", "person_id", "role", "share"])
    project_id: Integer | None = None
    person_id: Uuid | None = None
    role: Text | None = None
    role__contains: Annotated[Fragment | None, CONTAINS] = None
    share: Float | None = None
    share__gte: Annotated[Float | None, AT_LEAST] = None
    share__lte: Annotated[Float | None, AT_MOST] = None
