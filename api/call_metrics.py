"""What Prometheus is told of calls to models: counts of all workers, from the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from common.llm.counters import BUCKET, BUCKETS, ERRORS, REQUESTS, SECONDS, TOKENS, Count

_MODEL: Final = ["provider", "model"]
_Family = CounterMetricFamily | HistogramMetricFamily


class CallCollector(Collector):
    """Asks for the counts when they are scraped."""

    def __init__(self, read: Callable[[], Sequence[Count] | None]) -> None:
        self._read = read

    def describe(self) -> Iterator[_Family]:
        """Keeps the registry from asking the database when the process starts."""
        yield from (*_counters(), _durations())

    def collect(self) -> Iterator[_Family]:
        """The counts of this moment; none at all while the database does not answer."""
        requests, tokens, errors = _counters()
        durations = _durations()
        failed: dict[tuple[str, str], float] = defaultdict(float)
        longer: dict[str, float] = defaultdict(float)
        seconds = 0.0
        for name, provider, model, label, value in sorted(self._read() or ()):
            if name == REQUESTS:
                requests.add_metric([provider, model], value)
            elif name == TOKENS:
                tokens.add_metric([provider, model, label], value)
            elif name == ERRORS:
                failed[provider, label] += value
            elif name == BUCKET:
                longer[label] += value
            elif name == SECONDS:
                seconds += value
        for labels, value in failed.items():
            errors.add_metric(labels, value)
        if longer:
            durations.add_metric([], _cumulated(longer), seconds)
        yield from (requests, tokens, errors, durations)


def _counters() -> tuple[CounterMetricFamily, CounterMetricFamily, CounterMetricFamily]:
    requests = CounterMetricFamily(
        "backbone_llm_requests", "Calls to language models.", labels=_MODEL
    )
    tokens = CounterMetricFamily(
        "backbone_llm_tokens_used",
        "Tokens that providers reported, by type (input, output).",
        labels=[*_MODEL, "type"],
    )
    errors = CounterMetricFamily(
        "backbone_llm_errors",
        "Calls that brought no answer, by what went wrong.",
        labels=["provider", "error_type"],
    )
    return requests, tokens, errors


def _durations() -> HistogramMetricFamily:
    return HistogramMetricFamily(
        "backbone_llm_request_duration_seconds", "Seconds that calls took.", labels=[]
    )


def _cumulated(counts: dict[str, float]) -> list[tuple[str, float]]:
    """Prometheus counts each call in all buckets that are long enough for it."""
    buckets, so_far = [], 0.0
    for bound in [*(f"{each:g}" for each in BUCKETS), "+Inf"]:
        so_far += counts[bound]
        buckets.append((bound, so_far))
    return buckets
