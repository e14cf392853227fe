"""What the API takes in and shows of accounts."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, Text, with_example
from app.core.filters import CONTAINS, Fragment, ListQuery, sorting


class AccountCreate(Input):
    """A new account."""

    model_config = with_example({"email": "email-1"})

    email: Text = Field(max_length=254)


class AccountUpdate(Input):
    """Changes to one account; what is left out stays as it is."""

    model_config = CHANGES

    email: Text = Field(default=ABSENT, max_length=254)


class AccountRead(BaseModel):
    """One account, as it is stored."""

    model_config = OUTPUT

    id: int
    email: str


class AccountQuery(ListQuery):
    """Which accounts to list, and in what order."""

    sort: str | None = sorting(["id", "email"])
    id: Integer | None = None
    email: Text | None = None
    email__contains: Annotated[Fragment | None, CONTAINS] = None
