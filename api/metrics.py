"""What Prometheus is told: requests by route template, jobs by status."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from api.call_metrics import CallCollector
from api.event_metrics import EventCollector
from common.jobs.job import JobStatus
from common.llm.counters import Count
from common.security_events import SecurityEvent

UNKNOWN_ROUTE = "unknown_route"
"""The label of all requests that no route took: whatever is asked for, the labels stay few."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How many jobs there are in each status, and how long the oldest queued one has waited."""

    by_status: Mapping[str, int]
    oldest_queued_seconds: float


class Metrics:
    """The counters of one API process; the numbers of jobs are asked for when they are scraped."""

    def __init__(
        self,
        count_jobs: Callable[[], JobCounts | None],
        count_calls: Callable[[], Sequence[Count] | None] = tuple,
        count_events: Callable[[], Mapping[str, int] | None] = dict,
    ) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "backbone_http_requests",
            "HTTP requests, by method, route template and status.",
            ("method", "endpoint", "status"),
            registry=self._registry,
        )
        self._durations = Histogram(
            "backbone_http_request_duration_seconds",
            "Seconds from the request's headers to the end of the answer.",
            ("method", "endpoint"),
            registry=self._registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
        )
        # Looking labels up costs more than counting, and there are few of them.
        self._counted: dict[tuple[str, str, int], Counter] = {}
        self._timed: dict[tuple[str, str], Histogram] = {}
        self._registry.register(_Jobs(count_jobs))
        self._registry.register(CallCollector(count_calls))
        self._events = EventCollector(count_events)
        self._registry.register(self._events)

    def count(self, method: str, endpoint: str, status: int, seconds: float | None) -> None:
        """Note one answered request; `endpoint` is a route template or `UNKNOWN_ROUTE`.

        `seconds` is None where no whole request was there to be timed.
        """
        if method not in _METHODS:
            method = "OTHER"
        counter = self._counted.get((method, endpoint, status))
        if counter is None:
            counter = self._requests.labels(method, endpoint, str(status))
            self._counted[method, endpoint, status] = counter
        counter.inc()
        if seconds is None:
            return
        histogram = self._timed.get((method, endpoint))
        if histogram is None:
            histogram = self._durations.labels(method, endpoint)
            self._timed[method, endpoint] = histogram
        histogram.observe(seconds)

    def count_event(self, event: SecurityEvent) -> None:
        """Note one security event."""
        self._events.count(event)

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self._registry)


class _Jobs(Collector):
    def __init__(self, count_jobs: Callable[[], JobCounts | None]) -> None:
        self._count_jobs = count_jobs

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Keeps the registry from asking the store when the process starts."""
        yield GaugeMetricFamily("backbone_jobs", "Jobs, by status.", labels=["status"])
        yield GaugeMetricFamily(
            "backbone_oldest_queued_seconds", "How long the oldest queued job has waited."
        )

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The numbers of this moment; none at all while the database does not answer."""
        jobs, oldest = self.describe()
        counts = self._count_jobs()
        if counts is not None:
            for status in JobStatus:
                jobs.add_metric([status.value], counts.by_status.get(status.value, 0))
            oldest.add_metric([], counts.oldest_queued_seconds)
        yield jobs
        yield oldest
