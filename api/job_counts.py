"""How many jobs there are, for whoever scrapes: counted seldom enough to cost next to nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Final

from api.metrics import JobCounts
from common.clock import Clock, monotonic
from common.errors import TransientError
from common.jobs.job import JobStatus
from common.jobs.store import JobStore

_SHARE: Final = 100
"""At most a hundredth of the time is spent on counting, however many jobs there are."""
_OLDEST_SECONDS: Final = 60.0


class JobCounter:
    """Counts the jobs of all callers; a count serves for a hundred times as long as it took.

    With few jobs that is some milliseconds, with a million (a third of a second) half a minute, and
    never more than a minute. How long the oldest job has waited is always asked anew.
    """

    def __init__(
        self, store: JobStore, clock: Clock, *, elapsed: Callable[[], float] = monotonic
    ) -> None:
        self._store = store
        self._clock = clock
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._counts: Mapping[JobStatus, int] = {}
        self._good_until = float("-inf")

    def read(self) -> JobCounts | None:
        """The counts; None while the database does not answer."""
        try:
            counts = self._count()
            oldest = self._store.oldest_queued_at()
        except TransientError:
            return None
        waited = 0.0 if oldest is None else max(0.0, (self._clock() - oldest).total_seconds())
        return JobCounts({status.value: count for status, count in counts.items()}, waited)

    def _count(self) -> Mapping[JobStatus, int]:
        with self._lock:  # many at once count once
            began_at = self._elapsed()
            if began_at >= self._good_until:
                self._counts = self._store.count_by_status()
                ended_at = self._elapsed()
                took = ended_at - began_at
                self._good_until = ended_at + min(_SHARE * took, _OLDEST_SECONDS)
            return self._counts
