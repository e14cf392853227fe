"""What the API takes in and shows of projects."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    DateTime,
    Input,
    Integer,
    Moment,
    Numeric,
    PlainDecimal,
    Text,
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


class ProjectCreate(Input):
    """A new project."""

    model_config = with_example({"title": "title-1", "owner_code": "code-1", "budget": "1.00"})

    title: Text = Field(max_length=120)
    owner_code: Text = Field(max_length=20)
    follows_id: Integer | None = Field(
        default=None, description="The project that this one goes on from."
    )
    budget: Numeric | None = Field(default=None, max_digits=14, decimal_places=2)


class ProjectUpdate(Input):
    """Changes to one project; what is left out stays as it is."""

    model_config = CHANGES

    title: Text = Field(default=ABSENT, max_length=120)
    owner_code: Text = Field(default=ABSENT, max_length=20)
    follows_id: Integer | None = Field(
        default=ABSENT, description="The project that this one goes on from."
    )
    budget: Numeric | None = Field(default=ABSENT, max_digits=14, decimal_places=2)


class ProjectRead(BaseModel):
    """One project, as it is stored."""

    model_config = OUTPUT

    id: int
    title: str
    owner_code: str
    follows_id: int | None = Field(description="The project that this one goes on from.")
    budget: PlainDecimal | None
    is_deleted: bool
    deleted_at: DateTime | None


class ProjectQuery(SoftDeleteQuery):
    """Which projects to list, and in what order."""

    sort: str | None = sorting(
        ["id", "title", "owner_code", "follows_id", "budget", "is_deleted", "deleted_at"]
    )
    id: Integer | None = None
    title: Text | None = None
    title__contains: Annotated[Fragment | None, CONTAINS] = None
    owner_code: Text | None = None
    follows_id: Integer | None = None
    follows_id__isnull: Annotated[bool | None, IS_NULL] = None
    budget: Numeric | None = None
    budget__gte: Annotated[Numeric | None, AT_LEAST] = None
    budget__lte: Annotated[Numeric | None, AT_MOST] = None
    budget__isnull: Annotated[bool | None, IS_NULL] = None
    is_deleted: bool | None = None
    deleted_at: Moment | None = None
    deleted_at__gte: Annotated[Moment | None, AT_LEAST] = None
    deleted_at__lte: Annotated[Moment | None, AT_MOST] = None
    deleted_at__isnull: Annotated[bool | None, IS_NULL] = None
