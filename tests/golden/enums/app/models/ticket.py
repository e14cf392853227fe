"""The table `ticket`."""

from __future__ import annotations

from sqlalchemy import orm

from app.models import base, column_types
from app.models.enums import OldTicketCode, OldTicketStatus


class OldTicket(base.Base):
    """One row of ticket."""

    __tablename__ = "ticket"

    code: orm.Mapped[OldTicketCode] = orm.mapped_column(
        column_types.enum_of(OldTicketCode, name="old_ticket_code"), primary_key=True
    )
    status: orm.Mapped[OldTicketStatus | None] = orm.mapped_column(
        column_types.enum_of(OldTicketStatus, name="old_ticket_status"), unique=True
    )
