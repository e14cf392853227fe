"""Log lines that callers can cause: few of them a second, however many requests are sent."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from typing import Final

from common.clock import monotonic
from common.security_events import SecurityEvent

LINES_PER_SECOND: Final = 10
"""Of one event, from all addresses together."""
_CAUSED_BY_CALLERS: Final = frozenset({"backbone.security", "backbone.http"})
_ALWAYS_TOLD: Final = frozenset(
    {
        SecurityEvent.KEY_MADE,
        SecurityEvent.KEY_ROTATED,
        SecurityEvent.KEY_REVOKED,
        SecurityEvent.KEY_OLD,
        SecurityEvent.TOKEN_REVOKED,
        SecurityEvent.SANDBOX_VIOLATION,
    }
)
"""What nobody does without a good credential, and each of which has to be found again."""


class FloodLimit(logging.Filter):
    """Lets through one line a second of each event and address, `LINES_PER_SECOND` of each event.

    The next line of the event that is let through says as `suppressed` how many were not. Whoever
    counts events counts those, too.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._second = 0
        self._told: set[tuple[str, object]] = set()
        self._lines: Counter[str] = Counter()
        self._suppressed: Counter[str] = Counter()
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this line is written."""
        event, address = record.msg, getattr(record, "address", None)
        if record.name not in _CAUSED_BY_CALLERS or event in _ALWAYS_TOLD:
            return True
        with self._lock:
            second = int(self._clock())
            if second != self._second:
                self._second = second
                self._told.clear()
                self._lines.clear()
            again = address is not None and (event, address) in self._told
            if again or self._lines[event] >= LINES_PER_SECOND:
                self._suppressed[event] += 1
                return False
            self._told.add((event, address))
            self._lines[event] += 1
            suppressed = self._suppressed.pop(event, 0)
        if suppressed:
            record.suppressed = suppressed
        return True
