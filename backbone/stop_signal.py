"""Ctrl-C and SIGTERM as a question that long work asks, instead of an exception anywhere in it."""

from __future__ import annotations

import signal
from types import FrameType


class StopSignal:
    """Notes both signals, so that what was started is ended before this process is."""

    def __init__(self) -> None:
        self._asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def asked(self) -> bool:
        """Whether one of them came."""
        return self._asked

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
