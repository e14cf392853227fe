"""What is wrong with a body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MAX_FAULTS: Final = 20
"""As many are told; nothing is looked at beyond them."""


@dataclass(frozen=True, slots=True)
class BodyFault:
    """One thing that is wrong with a body."""

    line: int
    """Counted from 1, in the code as it was given"""
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


class BodyError(Exception):
    """Code that the gate does not let through; fit to be shown to whoever wrote it."""

    def __init__(self, faults: Sequence[BodyFault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line)[:MAX_FAULTS])
        super().__init__("; ".join(str(fault) for fault in self.faults))
