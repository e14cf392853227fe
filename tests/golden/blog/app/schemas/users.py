"""What the API takes in and shows of users."""

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
from app.models.enums import UserRole


class UserCreate(Input):
    """A new user."""

    model_config = with_example(
        {
            "email": "email-1",
            "display_name": "display-name-1",
            "role": "author",
            "bio": "bio-1",
            "is_active": True,
        }
    )

    email: Text = Field(max_length=254)
    display_name: Text = Field(max_length=80)
    role: UserRole = Field(default=UserRole.READER, strict=False)
    bio: Text | None = Field(
        default=None, max_length=1_000_000, description="What the author page shows."
    )
    is_active: bool = True


class UserUpdate(Input):
    """Changes to one user; what is left out stays as it is."""

    model_config = CHANGES

    email: Text = Field(default=ABSENT, max_length=254)
    display_name: Text = Field(default=ABSENT, max_length=80)
    role: UserRole = Field(default=ABSENT, strict=False)
    bio: Text | None = Field(
        default=ABSENT, max_length=1_000_000, description="What the author page shows."
    )
    is_active: bool = ABSENT


class UserRead(BaseModel):
    """One user, as it is stored."""

    model_config = OUTPUT

    id: int
    email: str
    display_name: str
    role: UserRole
    bio: str | None = Field(description="What the author page shows.")
    is_active: bool
    created_at: DateTime
    updated_at: DateTime
    is_deleted: bool
    deleted_at: DateTime | None


class UserQuery(SoftDeleteQuery):
    """Which users to list, and in what order."""

    sort: str | None = sorting(
        [
            "id",
            "email",
            "display_name",
            "role",
            "bio",
            "is_active",
            "created_at",
            "updated_at",
            "is_deleted",
            "deleted_at",
        ]
    )
    id: Integer | None = None
    email: Text | None = None
    email__contains: Annotated[Fragment | None, CONTAINS] = None
    display_name: Text | None = None
    display_name__contains: Annotated[Fragment | None, CONTAINS] = None
    role: UserRole | None = None
    bio: Text | None = None
    bio__contains: Annotated[Fragment | None, CONTAINS] = None
    bio__isnull: Annotated[bool | None, IS_NULL] = None
    is_active: bool | None = None
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
