"""The tables of the database and the classes that stand for their rows."""

from app.models.enums import (
    MachineKind,
    MachineStatus,
    OldTicketCode,
    OldTicketStatus,
    TicketLanguage,
    TicketPriority,
    TicketStatus,
)
from app.models.machines import Machine
from app.models.ticket import OldTicket
from app.models.tickets import Ticket

__all__ = [
    "Machine",
    "MachineKind",
    "MachineStatus",
    "OldTicket",
    "OldTicketCode",
    "OldTicketStatus",
    "Ticket",
    "TicketLanguage",
    "TicketPriority",
    "TicketStatus",
]
