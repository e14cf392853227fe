"""What the API takes in and shows of users."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Key, Text, with_example
from app.core.filters import CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class UserCreate(Input):
    """A new user."""

    model_config = with_example({"import": "000001", "group": "000001", "is_deleted": True})

    import_: Key = Field(max_length=10, alias="import")
    group: Text | None = Field(default=None, max_length=10)
    is_deleted: bool | None = None


class UserUpdate(Input):
    """Changes to one user; what is left out stays as it is."""

    model_config = CHANGES

    group: Text | None = Field(default=ABSENT, max_length=10)
    is_deleted: bool | None = ABSENT


class UserRead(BaseModel):
    """One user, as it is stored."""

    model_config = OUTPUT

    import_: str = Field(serialization_alias="import")
    group: str | None
    is_deleted: bool | None


class UserQuery(ListQuery):
    """Which users to list, and in what order."""

    sort: str | None = sorting(["import", "group", "is_deleted"])
    import_: Text | None = Field(default=None, alias="import")
    import___contains: Annotated[Fragment | None, CONTAINS] = Field(
        default=None, alias="import__contains"
    )
    group: Text | None = None
    group__contains: Annotated[Fragment | None, CONTAINS] = None
    group__isnull: Annotated[bool | None, IS_NULL] = None
    is_deleted: bool | None = None
    is_deleted__isnull: Annotated[bool | None, IS_NULL] = None
