"""What the API takes in and shows of employees."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, Text, with_example
from app.core.filters import CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class EmployeeCreate(Input):
    """A new employee."""

    model_config = with_example({"name": "name-1"})

    name: Text = Field(max_length=80)
    manager_id: Integer | None = None
    mentor_id: Integer | None = None


class EmployeeUpdate(Input):
    """Changes to one employee; what is left out stays as it is."""

    model_config = CHANGES

    name: Text = Field(default=ABSENT, max_length=80)
    manager_id: Integer | None = ABSENT
    mentor_id: Integer | None = ABSENT


class EmployeeRead(BaseModel):
    """One employee, as it is stored."""

    model_config = OUTPUT

    id: int
    name: str
    manager_id: int | None
    mentor_id: int | None


class EmployeeQuery(ListQuery):
    """Which employees to list, and in what order."""

    sort: str | None = sorting(["id", "name", "manager_id", "mentor_id"])
    id: Integer | None = None
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
    manager_id: Integer | None = None
    manager_id__isnull: Annotated[bool | None, IS_NULL] = None
    mentor_id: Integer | None = None
    mentor_id__isnull: Annotated[bool | None, IS_NULL] = None
