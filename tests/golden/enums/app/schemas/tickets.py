"""What the API takes in and shows of tickets."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, with_example
from app.core.filters import IS_NULL, ListQuery, sorting
from app.models.enums import TicketLanguage, TicketPriority, TicketStatus


class TicketCreate(Input):
    """A new ticket."""

    model_config = with_example({"status": "in progress", "priority": "++", "language": "français"})

    status: TicketStatus = Field(default=TicketStatus.OPEN, strict=False)
    priority: TicketPriority | None = Field(default=None, strict=False)
    language: TicketLanguage | None = Field(default=None, strict=False)


class TicketUpdate(Input):
    """Changes to one ticket; what is left out stays as it is."""

    model_config = CHANGES

    status: TicketStatus = Field(default=ABSENT, strict=False)
    priority: TicketPriority | None = Field(default=ABSENT, strict=False)
    language: TicketLanguage | None = Field(default=ABSENT, strict=False)


class TicketRead(BaseModel):
    """One ticket, as it is stored."""

    model_config = OUTPUT

    id: int
    status: TicketStatus
    priority: TicketPriority | None
    language: TicketLanguage | None


class TicketQuery(ListQuery):
    """Which tickets to list, and in what order."""

    sort: str | None = sorting(["id", "status", "priority", "language"])
    id: Integer | None = None
    status: TicketStatus | None = None
    priority: TicketPriority | None = None
    priority__isnull: Annotated[bool | None, IS_NULL] = None
    language: TicketLanguage | None = None
    language__isnull: Annotated[bool | None, IS_NULL] = None
