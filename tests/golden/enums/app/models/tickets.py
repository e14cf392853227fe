"""The table `tickets`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types
from app.models.enums import TicketLanguage, TicketPriority, TicketStatus


class Ticket(base.Base):
    """One row of tickets."""

    __tablename__ = "tickets"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    status: orm.Mapped[TicketStatus] = orm.mapped_column(
        column_types.enum_of(TicketStatus, name="ticket_status"),
        default=TicketStatus.OPEN,
        server_default="open",
    )
    priority: orm.Mapped[TicketPriority | None] = orm.mapped_column(
        column_types.enum_of(TicketPriority, name="ticket_priority")
    )
    language: orm.Mapped[TicketLanguage | None] = orm.mapped_column(
        column_types.enum_of(TicketLanguage, name="ticket_language")
    )
