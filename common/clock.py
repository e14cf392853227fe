"""The only place that reads the time.

`BACKBONE_CLOCK_FILE` names a file with a number of seconds that the clock is ahead; whoever changes
it moves the clock of every process at once. It is for demonstrations and tests of what takes hours,
no setting, and refused in production.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

Clock = Callable[[], datetime]
"""Returns the present moment in UTC. Passed to whatever needs it; tests pass their own."""


MOVED_BY: Final = "BACKBONE_CLOCK_FILE"
_FILE: Final = Path(os.environ[MOVED_BY]) if os.environ.get(MOVED_BY) else None


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC) if _FILE is None else datetime.now(UTC) + _ahead(_FILE)


def can_be_moved() -> bool:
    """Whether somebody else may say what time it is."""
    return _FILE is not None


def _ahead(path: Path) -> timedelta:
    try:
        return timedelta(seconds=float(path.read_text(encoding="ascii")))
    except (OSError, ValueError, OverflowError):  # not there (yet): on time
        return timedelta(0)


def monotonic() -> float:
    """Seconds on a clock that never goes back; only differences mean something."""
    return time.monotonic()
