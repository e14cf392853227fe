"""Counting all jobs takes no more than a hundredth of the time, however often it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from api.job_counts import JobCounter
from common.jobs.new_job import NewJob
from common.jobs.store import JobStore


class Stopwatch:
    """Goes on by `step` seconds whenever it is looked at."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.step = 0.0

    def __call__(self) -> float:
        self.seconds += self.step
        return self.seconds


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def store(engine: Engine, clock: Callable[[], datetime]) -> JobStore:
    return JobStore(engine, clock)


@pytest.fixture
def counter(store: JobStore, clock: Callable[[], datetime], stopwatch: Stopwatch) -> JobCounter:
    return JobCounter(store, clock, elapsed=stopwatch)


def queued(counter: JobCounter) -> int:
    counts = counter.read()
    assert counts is not None
    return counts.by_status["queued"]


def test_what_costs_nothing_is_counted_anew(
    *, counter: JobCounter, store: JobStore, alice: str
) -> None:
    for number in range(3):
        assert queued(counter) == number
        store.submit(NewJob(alice, {}))


def test_what_took_long_serves_for_long(
    *, counter: JobCounter, store: JobStore, stopwatch: Stopwatch, clock: Any, alice: str
) -> None:
    stopwatch.step = 0.25
    assert queued(counter) == 0
    stopwatch.step = 0
    store.submit(NewJob(alice, {}))
    clock.step(7)
    for _ in range(10):
        assert queued(counter) == 0
        counts = counter.read()
        assert counts is not None
        assert counts.oldest_queued_seconds >= 7  # asked anew
    stopwatch.seconds += 25
    assert queued(counter) == 1


def test_a_minute_at_the_longest(
    *, counter: JobCounter, store: JobStore, stopwatch: Stopwatch, alice: str
) -> None:
    stopwatch.step = 10
    assert queued(counter) == 0
    stopwatch.step = 0
    store.submit(NewJob(alice, {}))
    stopwatch.seconds += 59
    assert queued(counter) == 0
    stopwatch.seconds += 1
    assert queued(counter) == 1
