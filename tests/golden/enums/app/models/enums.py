"""The values that columns choose from."""

import enum


class MachineKind(enum.StrEnum):
    """Values of machines.kind."""

    MRO = "mro"
    NAME = "name"
    VALUE = "value"


class MachineStatus(enum.StrEnum):
    """Values of machines.status."""

    ON = "on"
    OFF = "off"


class OldTicketCode(enum.StrEnum):
    """Values of ticket.code."""

    A = "A"
    B = "B"


class OldTicketStatus(enum.StrEnum):
    """Values of ticket.status."""

    A_1 = "A-1"
    A_1_2 = "A 1"
    A_1_3 = "a.1"


class TicketLanguage(enum.StrEnum):
    """Values of tickets.language."""

    VALUE = "日本語"
    FRANCAIS = "français"
    NONE = "None"
    BLANK = ""


class TicketPriority(enum.StrEnum):
    """Values of tickets.priority."""

    VALUE = "+"
    VALUE_2 = "++"
    VALUE_3 = "-"


class TicketStatus(enum.StrEnum):
    """Values of tickets.status."""

    OPEN = "open"
    IN_PROGRESS = "in progress"
    WON_T_FIX = "won't fix"
    VALUE_2ND_LINE = "2nd line"
    CLASS = "class"
