"""What the API takes in and shows of people."""

import datetime as dt
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    Date,
    DateTime,
    Input,
    Moment,
    Text,
    Uuid,
    with_example,
)
from app.core.filters import (
    AT_LEAST,
    AT_MOST,
    CONTAINS,
    IS_NULL,
    Fragment,
    SoftDeleteQuery,
    sorting,
)


class PersonCreate(Input):
    """A new person."""

    model_config = with_example(
        {
            "id": "00000000-0000-0000-0000-000000000001",
            "name": "name-1",
            "email": "email-1",
            "unit_code": "code-1",
            "joined_on": "2024-01-02",
            "left_on": "2024-01-02",
        }
    )

    id: Uuid = Field(default_factory=uuid4)
    name: Text = Field(max_length=120)
    email: Text = Field(max_length=254)
    unit_code: Text = Field(max_length=20)
    manager_id: Uuid | None = None
    joined_on: Date
    left_on: Date | None = None


class PersonUpdate(Input):
    """Changes to one person; what is left out stays as it is."""

    model_config = CHANGES

    name: Text = Field(default=ABSENT, max_length=120)
    email: Text = Field(default=ABSENT, max_length=254)
    unit_code: Text = Field(default=ABSENT, max_length=20)
    manager_id: Uuid | None = ABSENT
    joined_on: Date = ABSENT
    left_on: Date | None = ABSENT


class PersonRead(BaseModel):
    """One person, as it is stored."""

    model_config = OUTPUT

    id: UUID
    name: str
    email: str
    unit_code: str
    manager_id: UUID | None
    joined_on: dt.date
    left_on: dt.date | None
    created_at: DateTime
    updated_at: DateTime
    is_deleted: bool
    deleted_at: DateTime | None


class PersonQuery(SoftDeleteQuery):
    """Which people to list, and in what order."""

    sort: str | None = sorting(
        [
            "id",
            "name",
            "email",
            "unit_code",
            "manager_id",
            "joined_on",
            "left_on",
            "created_at",
            "updated_at",
            "is_deleted",
            "deleted_at",
        ]
    )
    id: Uuid | None = None
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
    email: Text | None = None
    email__contains: Annotated[Fragment | None, CONTAINS] = None
    unit_code: Text | None = None
    manager_id: Uuid | None = None
    manager_id__isnull: Annotated[bool | None, IS_NULL] = None
    joined_on: Date | None = None
    joined_on__gte: Annotated[Date | None, AT_LEAST] = None
    joined_on__lte: Annotated[Date | None, AT_MOST] = None
    left_on: Date | None = None
    left_on__gte: Annotated[Date | None, AT_LEAST] = None
    left_on__lte: Annotated[Date | None, AT_MOST] = None
    left_on__isnull: Annotated[bool | None, IS_NULL] = None
    created_at: Moment | None = None
    created_at__gte: Annotated[Moment | None, AT_LEAST] = None
    created_at__lte: Annotated[Moment | None, AT_MOST] = None
    updated_at: Moment | None = None
    updated_at__gte: Annotated[Moment | None, AT_LEAST] = None
    updated_at__lte: Annotated[Moment | None, AT_MOST] = None
    is_deleted: bool | None = None
    deleted_at: Moment | None = None
    deleted_at__gte: Annotated[Moment | None, AT_LEAST] = None
    deleted_at__lte: Annotated[Moment | None, AT_MOST] = None
    deleted_at__isnull: Annotated[bool | None, IS_NULL] = None
