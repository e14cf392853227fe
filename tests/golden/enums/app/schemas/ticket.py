"""What the API takes in and shows of tickets."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, with_example
from app.core.filters import IS_NULL, ListQuery, sorting
from app.models.enums import OldTicketCode, OldTicketStatus


class OldTicketCreate(Input):
    """A new old ticket."""

    model_config = with_example({"code": "B", "status": "A 1"})

    code: OldTicketCode = Field(strict=False)
    status: OldTicketStatus | None = Field(default=None, strict=False)


class OldTicketUpdate(Input):
    """Changes to one old ticket; what is left out stays as it is."""

    model_config = CHANGES

    status: OldTicketStatus | None = Field(default=ABSENT, strict=False)


class OldTicketRead(BaseModel):
    """One old ticket, as it is stored."""

    model_config = OUTPUT

    code: OldTicketCode
    status: OldTicketStatus | None


class OldTicketQuery(ListQuery):
    """Which tickets to list, and in what order."""

    sort: str | None = sorting(["code", "status"])
    code: OldTicketCode | None = None
    status: OldTicketStatus | None = None
    status__isnull: Annotated[bool | None, IS_NULL] = None
