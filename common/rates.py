"""Rates: how many requests in how long, as people write them (`10/minute;50/hour`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_RATE: Final = re.compile(
    r"[1-9]\d{0,8}\s*(/|per)\s*([1-9]\d{0,2}\s*)?(second|minute|hour|day|month|year)s?",
    re.IGNORECASE | re.ASCII,
)
_MOST_WINDOWS: Final = 5


@dataclass(frozen=True, slots=True)
class OwnRates:
    """The rates that a caller has of its own, by tier; None where those of the settings hold."""

    authenticated: str | None = None
    generation: str | None = None
    validation: str | None = None


def check_rates(text: str) -> str:
    """`text`, if it reads like rates; ValueError otherwise."""
    parts = text.split(";")
    if len(parts) > _MOST_WINDOWS or not all(_RATE.fullmatch(part.strip()) for part in parts):
        raise ValueError("must read like 10/minute or 10/minute;50/hour")
    return text
