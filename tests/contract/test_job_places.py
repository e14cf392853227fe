"""Where a job stands in the queue is the order in which admission sends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from common.jobs.admission import Admission
from common.jobs.claims import Findings, JobClaims
from common.jobs.job import ArtifactFacts, Job
from common.jobs.new_job import NewJob
from common.jobs.places import KNOWN
from common.jobs.retention import Retention
from common.jobs.store import JobStore

KEEP = Retention(jobs=timedelta(days=7), artifacts=timedelta(days=3))


@pytest.fixture
def look(engine: Engine, clock: Callable[[], datetime]) -> Callable[[str, str], Job]:
    """Reads a job through a store that remembers nothing yet."""

    def read(caller: str, job_id: str) -> Job:
        return JobStore(engine, clock, slots=2).get(caller, job_id)

    return read


@pytest.fixture
def store(engine: Engine, clock: Callable[[], datetime]) -> JobStore:
    return JobStore(engine, clock)


@pytest.fixture
def claims(engine: Engine, clock: Callable[[], datetime]) -> JobClaims:
    return JobClaims(engine, clock, retention=KEEP, lease_seconds=1000)


def test_is_the_order_of_sending(
    *, store: JobStore, engine: Engine, clock: Any, look: Any, alice: str, bob: str
) -> None:
    waiting = []
    for caller in (alice, alice, alice, bob):
        waiting.append((caller, store.submit(NewJob(caller, {})).job.id))
        clock.step(1)
    foretold = sorted(waiting, key=lambda each: look(*each).queue_position)
    assert [look(*each).queue_position for each in foretold] == [1, 2, 3, 4]
    sent: list[str] = []
    Admission(engine, clock, sent.append, slots=2, max_attempts=3).admit()
    assert sent == [job_id for _, job_id in foretold]
    assert [look(*each).queue_position for each in foretold] == [1, 2, 3, 4]


def test_is_unknown_far_back_and_null_once_it_runs(
    *, store: JobStore, claims: JobClaims, look: Any, clock: Any, alice: str
) -> None:
    ids = []
    for _ in range(KNOWN + 1):
        ids.append(store.submit(NewJob(alice, {})).job.id)
        clock.step(0.001)
    assert look(alice, ids[KNOWN - 1]).queue_position == KNOWN
    assert look(alice, ids[KNOWN]).queue_position is None
    claims.claim(ids[0], "w")
    assert look(alice, ids[0]).queue_position is None
    assert look(alice, ids[1]).queue_position == 1


def test_time_is_told_from_what_others_took(
    *, store: JobStore, claims: JobClaims, look: Any, clock: Any, alice: str
) -> None:
    def submit() -> str:
        clock.step(0.001)
        return store.submit(NewJob(alice, {})).job.id

    assert look(alice, submit()).eta_seconds is None
    for seconds in (4, 8):
        claim = claims.claim(submit(), "w")
        assert claim is not None
        clock.step(seconds)
        claims.succeed(claim, ArtifactFacts(1, 1, "x"), Findings("jobs/x/1"))
    second, third = submit(), submit()
    assert look(alice, second).queue_position == 2
    assert look(alice, second).eta_seconds == 6  # two at a time, six seconds each
    assert look(alice, third).eta_seconds == 12
    claims.claim(second, "w")
    clock.step(4)
    assert look(alice, second).eta_seconds == 2
    clock.step(60)
    assert look(alice, second).eta_seconds == 1


def test_is_read_once_a_second_whoever_asks(
    *, engine: Engine, clock: Any, counting: Any, alice: str
) -> None:
    store = JobStore(engine, clock, slots=2)
    ids = [store.submit(NewJob(alice, {})).job.id for _ in range(20)]
    store.get(alice, ids[0])
    with counting() as statements:
        for job_id in ids:
            assert store.get(alice, job_id).queue_position
    assert len(statements) == 20
