"""The lanes that queued jobs wait in: which of them admission looks at, and in which order."""

from __future__ import annotations

from enum import IntEnum


class Lane(IntEnum):
    """Lower ones go first. Only a job that is `queued` is ever looked up by its lane."""

    INTERACTIVE = 0
    """Somebody waits for this one job."""
    BATCH = 1
    """One of many; runs when nobody waits for a single one."""
    HELD = 2
    """Of a batch that is paused or still coming in; admission leaves it alone."""
