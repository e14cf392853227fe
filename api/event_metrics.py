"""What Prometheus is told of security events: those of this process, and those in the database."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from common.security_events import SecurityEvent


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
            "backbone_security_events", "What should be noticed, by event.", labels=["event"]
        )

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Every event there is, also those that never happened: a rate needs a beginning."""
        (events,) = self.describe()
        recorded = self._read_recorded() or {}
        for event in SecurityEvent:
            events.add_metric([event.value], self._seen[event.value] + recorded.get(event.value, 0))
        yield events
