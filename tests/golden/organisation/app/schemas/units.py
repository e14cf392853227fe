"""What the API takes in and shows of units."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    DateTime,
    Input,
    Key,
    Moment,
    Text,
    Uuid,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class UnitCreate(Input):
    """A new unit."""

    model_config = with_example({"code": "code-1", "name": "name-1", "cost_centre": "000001"})

    code: Key = Field(max_length=20, description="A short word such as `SALES-EU`.")
    name: Text = Field(max_length=120)
    parent_code: Text | None = Field(default=None, max_length=20)
    head_id: Uuid | None = Field(
        default=None, description="Who leads it; a person, who belongs to a unit in turn."
    )
    cost_centre: Text | None = Field(default=None, max_length=12)


class UnitUpdate(Input):
    """Changes to one unit; what is left out stays as it is."""

    model_config = CHANGES

    name: Text = Field(default=ABSENT, max_length=120)
    parent_code: Text | None = Field(default=ABSENT, max_length=20)
    head_id: Uuid | None = Field(
        default=ABSENT, description="Who leads it; a person, who belongs to a unit in turn."
    )
    cost_centre: Text | None = Field(default=ABSENT, max_length=12)


class UnitRead(BaseModel):
    """One unit, as it is stored."""

    model_config = OUTPUT

    code: str = Field(description="A short word such as `SALES-EU`.")
    name: str
    parent_code: str | None
    head_id: UUID | None = Field(
        description="Who leads it; a person, who belongs to a unit in turn."
    )
    cost_centre: str | None
    created_at: DateTime
    updated_at: DateTime


class UnitQuery(ListQuery):
    """Which units to list, and in what order."""

    sort: str | None = sorting(
        ["code", "name", "parent_code", "head_id", "cost_centre", "created_at", "updated_at"]
    )
    code: Text | None = None
    code__contains: Annotated[Fragment | None, CONTAINS] = None
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
    parent_code: Text | None = None
    parent_code__isnull: Annotated[bool | None, IS_NULL] = None
    head_id: Uuid | None = None
    head_id__isnull: Annotated[bool | None, IS_NULL] = None
    cost_centre: Text | None = None
    cost_centre__contains: Annotated[Fragment | None, CONTAINS] = None
    cost_centre__isnull: Annotated[bool | None, IS_NULL] = None
    created_at: Moment | None = None
    created_at__gte: Annotated[Moment | None, AT_LEAST] = None
    created_at__lte: Annotated[Moment | None, AT_MOST] = None
    updated_at: Moment | None = None
    updated_at__gte: Annotated[Moment | None, AT_LEAST] = None
    updated_at__lte: Annotated[Moment | None, AT_MOST] = None
