"""What the API takes in and shows of orders."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, Text, with_example
from app.core.filters import CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class OrderByCreate(Input):
    """A new order by."""

    model_config = with_example(
        {
            "json": "json-1",
            "copy": "copy-1",
            "self": "self-1",
            "session": "session-1",
            "limit": "limit-1",
            "sort": "sort-1",
        }
    )

    class_: Integer | None = Field(default=None, alias="class")
    json_: Text | None = Field(default=None, max_length=20, alias="json")
    copy_: Text | None = Field(default=None, max_length=20, alias="copy")
    self_: Text | None = Field(default=None, max_length=20, alias="self")
    session: Text | None = Field(default=None, max_length=20)
    limit: Text | None = Field(default=None, max_length=20)
    sort: Text | None = Field(default=None, max_length=20)


class OrderByUpdate(Input):
    """Changes to one order by; what is left out stays as it is."""

    model_config = CHANGES

    class_: Integer | None = Field(default=ABSENT, alias="class")
    json_: Text | None = Field(default=ABSENT, max_length=20, alias="json")
    copy_: Text | None = Field(default=ABSENT, max_length=20, alias="copy")
    self_: Text | None = Field(default=ABSENT, max_length=20, alias="self")
    session: Text | None = Field(default=ABSENT, max_length=20)
    limit: Text | None = Field(default=ABSENT, max_length=20)
    sort: Text | None = Field(default=ABSENT, max_length=20)


class OrderByRead(BaseModel):
    """One order by, as it is stored."""

    model_config = OUTPUT

    id: int
    class_: int | None = Field(serialization_alias="class")
    json_: str | None = Field(serialization_alias="json")
    copy_: str | None = Field(serialization_alias="copy")
    self_: str | None = Field(serialization_alias="self")
    session: str | None
    limit: str | None
    sort: str | None


class OrderByQuery(ListQuery):
    """Which orders to list, and in what order."""

    sort: str | None = sorting(["id", "class", "json", "copy", "self", "session", "limit", "sort"])
    id: Integer | None = None
    class_: Integer | None = Field(default=None, alias="class")
    class___isnull: Annotated[bool | None, IS_NULL] = Field(default=None, alias="class__isnull")
    json_: Text | None = Field(default=None, alias="json")
    json___contains: Annotated[Fragment | None, CONTAINS] = Field(
        default=None, alias="json__contains"
    )
    json___isnull: Annotated[bool | None, IS_NULL] = Field(default=None, alias="json__isnull")
    copy_: Text | None = Field(default=None, alias="copy")
    copy___contains: Annotated[Fragment | None, CONTAINS] = Field(
        default=None, alias="copy__contains"
    )
    copy___isnull: Annotated[bool | None, IS_NULL] = Field(default=None, alias="copy__isnull")
    self_: Text | None = Field(default=None, alias="self")
    self___contains: Annotated[Fragment | None, CONTAINS] = Field(
        default=None, alias="self__contains"
    )
    self___isnull: Annotated[bool | None, IS_NULL] = Field(default=None, alias="self__isnull")
    session: Text | None = None
    session__contains: Annotated[Fragment | None, CONTAINS] = None
    session__isnull: Annotated[bool | None, IS_NULL] = None
    limit__eq: Text | None = None
    limit__contains: Annotated[Fragment | None, CONTAINS] = None
    limit__isnull: Annotated[bool | None, IS_NULL] = None
    sort__eq: Text | None = None
    sort__contains: Annotated[Fragment | None, CONTAINS] = None
    sort__isnull: Annotated[bool | None, IS_NULL] = None
