"""Where a job stands in the queue is the order in which admission sends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from common.db.tables import jobs
from common.jobs.admission import Admission
from common.jobs.claims import Findings, JobClaims
from common.jobs.job import ArtifactFacts, Job, JobStatus, Stage, VerificationFacts
from common.jobs.lanes import Lane
from common.jobs.new_job import NewJob
from common.jobs.places import KNOWN
from common.jobs.retention import Retention
from common.jobs.store import JobStore

KEEP = Retention(jobs=timedelta(days=7), artifacts=timedelta(days=3))


FACTS = ArtifactFacts(1, 1, "x")


def took(level: str = "full", **seconds: float) -> Findings:
    """What an attempt leaves whose stages took so long."""
    return Findings(
        "jobs/x/1",
        VerificationFacts(level, 1, 0, 0),
        stage_seconds={Stage(name): value for name, value in seconds.items()},
    )


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
    Admission(
        engine,
        clock,
        lambda job_id, _: sent.append(job_id),
        slots=2,
        max_attempts=3,
        max_running_per_caller=20,
    ).admit()
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
        claims.succeed(claim, FACTS, took(verify=seconds))
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


class TestLanes:
    """What waits in which lane, told before it happens."""

    def test_single_jobs_come_before_batches_sent_or_not(
        self, *, store: JobStore, engine: Engine, clock: Any, look: Any, alice: str, bob: str
    ) -> None:
        batch = [submitted(store, engine, alice, Lane.BATCH, clock) for _ in range(6)]
        sent: list[str] = []
        admission = Admission(
            engine,
            clock,
            lambda job_id, _: sent.append(job_id),
            slots=2,
            max_attempts=3,
            max_running_per_caller=20,
        )
        admission.admit()
        assert sent == batch[:4]
        single = [submitted(store, engine, bob, Lane.INTERACTIVE, clock) for _ in range(5)]
        positions = [look(bob, job_id).queue_position for job_id in single]
        assert positions == [1, 2, 3, 4, 5]
        assert [look(alice, job_id).queue_position for job_id in batch] == [6, 7, 8, 9, 10, 11]
        admission.admit()
        assert sent[4:] == single[:4]
        assert [look(bob, job_id).queue_position for job_id in single] == positions

    def test_what_is_held_stands_nowhere(
        self, *, store: JobStore, engine: Engine, clock: Any, look: Any, alice: str
    ) -> None:
        held = submitted(store, engine, alice, Lane.HELD, clock)
        free = submitted(store, engine, alice, Lane.BATCH, clock)
        job = look(alice, held)
        assert (job.status, job.queue_position) == (JobStatus.QUEUED, None)
        assert job.eta_seconds is None
        assert look(alice, free).queue_position == 1

    def test_a_caller_at_its_limit_waits_for_its_own_jobs(
        self,
        *,
        store: JobStore,
        engine: Engine,
        claims: JobClaims,
        clock: Any,
        alice: str,
        bob: str,
    ) -> None:
        hers = [submitted(store, engine, alice, Lane.INTERACTIVE, clock) for _ in range(5)]
        his = [submitted(store, engine, bob, Lane.BATCH, clock) for _ in range(2)]
        for job_id in hers[:2]:
            assert claims.claim(job_id, "w")
        reader = JobStore(engine, clock, slots=2, max_running_per_caller=2)
        # She has two under way: his go first, hers when those two have ended
        assert [reader.get(bob, job_id).queue_position for job_id in his] == [1, 2]
        assert [reader.get(alice, job_id).queue_position for job_id in hers[2:]] == [3, 4, 5]


class TestTime:
    def test_left_is_that_of_the_stage_and_of_those_to_come(
        self, *, store: JobStore, claims: JobClaims, look: Any, clock: Any, alice: str
    ) -> None:
        claim = claims.claim(store.submit(NewJob(alice, {})).job.id, "w")
        assert claim is not None
        claims.succeed(claim, FACTS, took(plan=1, render=3, verify=10, package=2))
        running = claims.claim(store.submit(NewJob(alice, {})).job.id, "w")
        assert running is not None
        assert look(alice, running.job.id).eta_seconds == 16
        clock.step(2)
        assert look(alice, running.job.id).eta_seconds == 14
        claims.set_stage(running, Stage.VERIFY, since_seconds=1)
        assert look(alice, running.job.id).eta_seconds == 11
        clock.step(20)  # it takes longer than the other did
        assert look(alice, running.job.id).eta_seconds == 2
        claims.set_stage(running, Stage.PACKAGE)
        clock.step(60)
        assert look(alice, running.job.id).eta_seconds == 1
        clock.step(-600)
        assert look(alice, running.job.id).eta_seconds == 2

    def test_is_weighed_by_the_number_of_tables_and_by_what_is_verified(
        self, *, store: JobStore, claims: JobClaims, look: Any, clock: Any, alice: str
    ) -> None:
        def submit(tables: int, level: str) -> str:
            clock.step(0.001)
            document = {"schema": [{}] * tables, "run": {"verify": level}}
            return store.submit(NewJob(alice, document)).job.id

        for tables, level, seconds in (
            (1, "full", 3), (20, "full", 22), (10, "none", 0), (5, "full", 7), (1, "none", 0)
        ):  # fmt: skip
            claim = claims.claim(submit(tables, level), "w")
            assert claim is not None
            claims.succeed(claim, FACTS, took(level, render=1, verify=seconds))
        small = submit(1, "full")
        assert look(alice, small).eta_seconds == 1 + 3
        large = submit(50, "full")
        assert look(alice, large).eta_seconds == 1 + 52
        bare = submit(50, "none")
        assert look(alice, bare).eta_seconds == 4 + 1  # after the small one

    def test_of_what_waits_counts_what_runs(
        self, *, store: JobStore, claims: JobClaims, look: Any, clock: Any, alice: str
    ) -> None:
        def submit() -> str:
            clock.step(0.001)
            return store.submit(NewJob(alice, {})).job.id

        claim = claims.claim(submit(), "w")
        assert claim is not None
        claims.succeed(claim, FACTS, took(verify=10))
        first, second, third, fourth = (submit() for _ in range(4))
        claims.claim(first, "w")
        clock.step(4)
        claims.claim(second, "w")
        # two places: one is free in 6 s, one in 10 s
        assert look(alice, third).eta_seconds == 16
        assert look(alice, fourth).eta_seconds == 20

    def test_is_kept_with_the_job(
        self, *, store: JobStore, claims: JobClaims, engine: Engine, clock: Any, alice: str
    ) -> None:
        def stored(job_id: str) -> Any:
            columns = (jobs.c.stage_seconds, jobs.c.stage_started_at)
            with engine.connect() as connection:
                return connection.execute(select(*columns).where(jobs.c.id == job_id)).one()

        claim = claims.claim(store.submit(NewJob(alice, {})).job.id, "w")
        assert claim is not None
        assert stored(claim.job.id) == (None, None)
        claims.set_stage(claim, Stage.RENDER, since_seconds=0.5, stage_seconds={Stage.PLAN: 0.25})
        began_at = clock.moment - timedelta(seconds=0.5)
        assert stored(claim.job.id) == ({"plan": 0.25}, began_at)
        spent = {Stage.PLAN: 0.25, Stage.RENDER: 1.5}
        claims.cancel(claim, Findings(stage_seconds=spent))
        assert stored(claim.job.id) == ({"plan": 0.25, "render": 1.5}, None)


def submitted(store: JobStore, engine: Engine, caller: str, lane: Lane, clock: Any) -> str:
    """The id of a new job in `lane`."""
    clock.step(0.001)
    job_id = store.submit(NewJob(caller, {})).job.id
    with engine.begin() as connection:
        connection.execute(update(jobs).where(jobs.c.id == job_id).values(lane=lane.value))
    return job_id
