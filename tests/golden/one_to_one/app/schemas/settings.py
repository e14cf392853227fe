"""What the API takes in and shows of settings."""

from pydantic import BaseModel

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, with_example
from app.core.filters import ListQuery, sorting


class AccountSettingsCreate(Input):
    """A new account settings."""

    model_config = with_example({"account_id": 1, "dark": True})

    account_id: Integer
    dark: bool = False


class AccountSettingsUpdate(Input):
    """Changes to one account settings; what is left out stays as it is."""

    model_config = CHANGES

    dark: bool = ABSENT


class AccountSettingsRead(BaseModel):
    """One account settings, as it is stored."""

    model_config = OUTPUT

    account_id: int
    dark: bool


class AccountSettingsQuery(ListQuery):
    """Which settings to list, and in what order."""

    sort: str | None = sorting(["account_id", "dark"])
    account_id: Integer | None = None
    dark: bool | None = None
