"""What the API takes in and shows of bases."""

from typing import Annotated

from pydantic import BaseModel

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, with_example
from app.core.filters import IS_NULL, ListQuery, sorting


class BaseCreate(Input):
    """A new base."""

    model_config = with_example({})

    request_id: Integer | None = None


class BaseUpdate(Input):
    """Changes to one base; what is left out stays as it is."""

    model_config = CHANGES

    request_id: Integer | None = ABSENT


class BaseRead(BaseModel):
    """One base, as it is stored."""

    model_config = OUTPUT

    id: int
    request_id: int | None


class BaseQuery(ListQuery):
    """Which bases to list, and in what order."""

    sort: str | None = sorting(["id", "request_id"])
    id: Integer | None = None
    request_id: Integer | None = None
    request_id__isnull: Annotated[bool | None, IS_NULL] = None
