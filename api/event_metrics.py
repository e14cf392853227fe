"""What Prometheus is told of security events: those of this process, and those in the database.

They are two metrics, since each must never fall: the one begins anew with every process, the other
does not, and is the same whichever process is asked.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from common.security_events import SecurityEvent

_RECORDED: Final = frozenset(
    {
        SecurityEvent.KEY_MADE,
        SecurityEvent.KEY_ROTATED,
        SecurityEvent.KEY_REVOKED,
        SecurityEvent.TOKEN_REVOKED,
        SecurityEvent.SANDBOX_VIOLATION,
    }
)
_SEEN: Final = frozenset(SecurityEvent) - _RECORDED | {SecurityEvent.TOKEN_REVOKED}
"""The API sees that one token was taken back; that all of a caller's were is recorded."""


class EventCollector(Collector):
    """Counts here, and asks for what others recorded when it is scraped."""

    def __init__(self, read_recorded: Callable[[], Mapping[str, int] | None]) -> None:
        self._read_recorded = read_recorded
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, event: SecurityEvent) -> None:
        """One more, seen by this process."""
        with self._lock:
            self._seen[event.value] += 1

    def describe(self) -> Iterator[CounterMetricFamily]:
        """Keeps the registry from asking the database when the process starts."""
        yield CounterMetricFamily(
            "backbone_security_events",
            "What should be noticed, as this process saw it, by event.",
            labels=["event"],
        )
        yield CounterMetricFamily(
            "backbone_security_events_recorded",
            "The same as recorded in the database by commands, workers and changes of keys.",
            labels=["event"],
        )

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Every event that there can be, also those that never happened: a rate needs a beginning.

        What is recorded is left out while the database does not answer.
        """
        seen, recorded = self.describe()
        counts = self._read_recorded()
        for event in SecurityEvent:
            if event in _SEEN or event.value in self._seen:
                seen.add_metric([event.value], self._seen[event.value])
            if counts is not None and (event in _RECORDED or event.value in counts):
                recorded.add_metric([event.value], counts.get(event.value, 0))
        yield seen
        yield recorded
