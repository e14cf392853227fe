"""What the API takes in and shows of only keys."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, BigInteger, Input, Text, with_example
from app.core.filters import CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class OnlyKeyCreate(Input):
    """A new only key."""

    model_config = with_example({"note": "note-1"})

    note: Text | None = Field(default=None, max_length=1_000_000)


class OnlyKeyUpdate(Input):
    """Changes to one only key; what is left out stays as it is."""

    model_config = CHANGES

    note: Text | None = Field(default=ABSENT, max_length=1_000_000)


class OnlyKeyRead(BaseModel):
    """One only key, as it is stored."""

    model_config = OUTPUT

    note: str | None
    id: int


class OnlyKeyQuery(ListQuery):
    """Which only keys to list, and in what order."""

    sort: str | None = sorting(["note", "id"])
    note: Text | None = None
    note__contains: Annotated[Fragment | None, CONTAINS] = None
    note__isnull: Annotated[bool | None, IS_NULL] = None
    id: BigInteger | None = None
