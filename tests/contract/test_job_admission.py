"""What admission promises: fair, bounded, harmless when run twice, and nothing is ever lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, update

from common.callers import DEFAULT, LOCAL, CallerStore
from common.db.tables import jobs
from common.errors import TransientError
from common.jobs.admission import Admission, forget_sent
from common.jobs.claims import Findings, JobClaims
from common.jobs.job import ArtifactFacts, JobStatus
from common.jobs.lanes import Lane
from common.jobs.new_job import NewJob
from common.jobs.retention import Retention
from common.jobs.store import JobStore
from common.keys.store import KeyStore

KEEP = Retention(jobs=timedelta(days=7), artifacts=timedelta(days=3))
FACTS = ArtifactFacts(1, 1, "f" * 64)


class Queue:
    """Remembers what was sent; can be away."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.lanes: dict[str, Lane] = {}
        self.places_left: int | None = None

    def __call__(self, job_id: str, lane: Lane) -> None:
        if self.places_left is not None:
            if self.places_left == 0:
                raise TransientError("queue_unavailable", "away")
            self.places_left -= 1
        self.sent.append(job_id)
        self.lanes[job_id] = lane

    def taken(self) -> list[str]:
        sent, self.sent = self.sent, []
        return sent


@pytest.fixture
def store(engine: Engine, clock: Callable[[], datetime]) -> JobStore:
    return JobStore(engine, clock)


@pytest.fixture
def claims(engine: Engine, clock: Callable[[], datetime]) -> JobClaims:
    return JobClaims(engine, clock, retention=KEEP, lease_seconds=15)


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.fixture
def new_admission(
    new_engine: Callable[[], Engine],
    engine: Engine,
    clock: Callable[[], datetime],
    queue: Queue,
) -> Callable[[], Admission]:
    """Another process's admission: its own engine, the same database and the same queue."""
    assert engine

    def make(slots: int = 1, most: int = 20) -> Admission:
        return Admission(
            new_engine(),
            clock,
            queue,
            slots=slots,
            max_attempts=3,
            max_running_per_caller=most,
        )

    return make


@pytest.fixture
def admission(new_admission: Callable[[], Admission]) -> Admission:
    """One slot: two jobs are sent ahead."""
    return new_admission()


def submit(store: JobStore, caller: str, count: int = 1) -> list[str]:
    """Submit jobs; their ids in the order in which they wait (of equal moments the ids decide)."""
    return sorted(store.submit(NewJob(caller, {})).job.id for _ in range(count))


def test_sends_the_oldest_first_and_only_a_few(
    store: JobStore, admission: Admission, queue: Queue, clock: Any, alice: str
) -> None:
    waiting = []
    for _ in range(5):
        waiting += submit(store, alice)
        clock.step(0.01)
    assert admission.admit() == 2
    assert queue.sent == waiting[:2]
    assert admission.admit() == 0
    assert store.get(alice, waiting[0]).revision == 1


def test_sends_the_next_once_one_was_claimed(
    store: JobStore, admission: Admission, claims: JobClaims, queue: Queue, alice: str
) -> None:
    waiting = submit(store, alice, 4)
    admission.admit()
    claims.claim(queue.taken()[0], "w")
    assert admission.admit() == 1
    assert queue.sent == [waiting[2]]


def test_nothing_to_do_is_nothing_done(admission: Admission, queue: Queue) -> None:
    assert admission.admit() == 0
    assert queue.sent == []


def test_a_caller_with_many_jobs_keeps_nobody_waiting(
    *,
    store: JobStore,
    admission: Admission,
    claims: JobClaims,
    queue: Queue,
    clock: Any,
    alice: str,
    bob: str,
) -> None:
    submit(store, alice, 20)
    clock.step(60)
    his = submit(store, bob, 3)
    order = []
    for _ in range(8):
        admission.admit()
        job_id = queue.sent.pop(0)
        claim = claims.claim(job_id, "w")
        assert claim is not None
        claims.succeed(claim, FACTS, Findings("jobs/x/1"))
        order.append(job_id)
        clock.step(1)
    # Two are under way at any time, so each of his three comes within the first six.
    assert [job_id for job_id in order[:6] if job_id in his] == his
    assert order[0] in his or order[1] in his


def test_does_not_wait_in_a_circle_with_whoever_revokes_all_keys(
    store: JobStore, new_engine: Callable[[], Engine], queue: Queue, clock: Any
) -> None:
    here, there = new_engine(), new_engine()
    for name in (DEFAULT, LOCAL):
        submit(store, CallerStore(there, clock).ensure(name).id)
    admission = Admission(here, clock, queue, slots=1, max_attempts=3, max_running_per_caller=9)
    revoked: list[int] = []
    other = threading.Thread(target=lambda: revoked.append(KeyStore(there, clock).revoke_all()))
    updates: list[str] = []

    def between(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        updates.extend([statement] if statement.startswith("UPDATE callers") else [])
        if len(updates) == 2 and other.ident is None:
            other.start()
            other.join(0.3)  # it waits for what is locked already

    event.listen(here, "before_cursor_execute", between)
    assert admission.admit() == 2
    other.join()
    assert len(updates) == 2
    assert revoked == [0]


def test_turns_alternate_when_all_wait_for_one_place(
    *,
    store: JobStore,
    admission: Admission,
    claims: JobClaims,
    queue: Queue,
    clock: Any,
    alice: str,
    bob: str,
) -> None:
    submit(store, alice, 6)
    submit(store, bob, 6)
    callers = []
    admission.admit()
    for _ in range(10):
        claim = claims.claim(queue.sent.pop(0), "w")
        assert claim is not None
        callers.append(claim.job.caller_id)
        claims.succeed(claim, FACTS, Findings("jobs/x/1"))
        clock.step(1)
        admission.admit()
    assert callers.count(alice) == callers.count(bob) == 5


def test_two_at_once_send_each_job_once(
    *,
    store: JobStore,
    new_admission: Callable[..., Admission],
    queue: Queue,
    race: Any,
    alice: str,
    bob: str,
) -> None:
    waiting = submit(store, alice, 10) + submit(store, bob, 10)
    admissions = [new_admission(slots=10) for _ in range(4)]
    outcomes = race(*(each.admit for each in admissions))
    assert sorted(queue.sent) == sorted(waiting)
    assert sum(outcomes) == 20


class TestQueueAway:
    def test_jobs_stay_queued_and_are_sent_later(
        self, *, store: JobStore, admission: Admission, queue: Queue, alice: str
    ) -> None:
        waiting = submit(store, alice, 2)
        queue.places_left = 0
        with pytest.raises(TransientError):
            admission.admit()
        assert store.get(alice, waiting[0]).status is JobStatus.QUEUED
        queue.places_left = None
        assert admission.admit() == 2
        assert queue.sent == waiting

    def test_half_way_sends_the_rest_later(
        self, *, store: JobStore, admission: Admission, queue: Queue, alice: str
    ) -> None:
        waiting = submit(store, alice, 2)
        queue.places_left = 1
        with pytest.raises(TransientError):
            admission.admit()
        queue.places_left = None
        assert admission.admit() == 1
        assert queue.sent == waiting


class TestLostMessage:
    def test_is_sent_again_less_and_less_often(
        self, *, store: JobStore, admission: Admission, queue: Queue, clock: Any, alice: str
    ) -> None:
        [job_id] = submit(store, alice)
        admission.admit()
        moments = []
        for second in range(200):
            clock.step(1)
            if admission.admit():
                moments.append(second + 1)
        assert moments == [10, 30, 70, 130, 190]
        assert set(queue.sent) == {job_id}

    def test_is_sent_again_as_soon_as_a_worker_begins(
        self, *, store: JobStore, admission: Admission, queue: Queue, engine: Engine, alice: str
    ) -> None:
        [job_id] = submit(store, alice)
        admission.admit()
        assert admission.admit() == 0
        forget_sent(engine)
        assert admission.admit() == 1
        assert queue.sent == [job_id, job_id]

    def test_does_not_keep_others_from_being_sent_in_its_place(
        self, *, store: JobStore, admission: Admission, queue: Queue, clock: Any, alice: str
    ) -> None:
        waiting = submit(store, alice, 3)
        admission.admit()
        clock.step(10.001)
        assert admission.admit() == 2
        assert queue.sent == [*waiting[:2], *waiting[:2]]

    def test_a_doubled_one_is_claimed_once(
        self,
        *,
        store: JobStore,
        admission: Admission,
        claims: JobClaims,
        queue: Queue,
        clock: Any,
        alice: str,
    ) -> None:
        submit(store, alice)
        admission.admit()
        clock.step(10)
        admission.admit()
        first, second = (claims.claim(job_id, "w") for job_id in queue.sent)
        assert first is not None
        assert second is None


def test_a_lost_worker_s_job_is_sent_to_another(
    *,
    store: JobStore,
    admission: Admission,
    claims: JobClaims,
    queue: Queue,
    clock: Any,
    alice: str,
) -> None:
    [job_id] = submit(store, alice)
    admission.admit()
    assert claims.claim(job_id, "w") is not None
    clock.step(14)
    assert admission.admit() == 0
    clock.step(1)
    assert admission.admit() == 1
    assert queue.sent == [job_id, job_id]
    again = claims.claim(job_id, "v")
    assert again is not None
    assert again.fence == 2


def test_one_without_workers_sends_what_it_put_right_and_nothing_else(
    *,
    admission: Admission,
    store: JobStore,
    claims: JobClaims,
    queue: Queue,
    clock: Any,
    alice: str,
) -> None:
    [lost] = submit(store, alice)
    claims.claim(lost, "w")
    clock.step(1)
    [waiting] = submit(store, alice)
    assert admission.recover() == 0
    assert queue.sent == []
    clock.step(15)
    assert admission.recover() == 2
    assert queue.sent == [lost, waiting]
    clock.step(3600)
    assert admission.recover() == 0  # messages that nobody takes do not pile up
    assert queue.sent == [lost, waiting]


def test_a_deferred_job_is_sent_when_it_is_due(
    *,
    store: JobStore,
    admission: Admission,
    claims: JobClaims,
    queue: Queue,
    clock: Any,
    alice: str,
) -> None:
    [job_id] = submit(store, alice)
    claim = claims.claim(job_id, "w")
    assert claim is not None
    full = TransientError("storage_unavailable", "full", retry_after_seconds=5)
    claims.try_again(claim, full, stage=None, max_attempts=3)
    assert admission.admit() == 0
    clock.step(5)
    assert admission.admit() == 1
    assert queue.sent == [job_id]


def test_a_cancelled_job_is_not_sent(
    store: JobStore, admission: Admission, queue: Queue, alice: str
) -> None:
    [job_id] = submit(store, alice)
    store.request_cancel(alice, job_id)
    assert admission.admit() == 0
    assert queue.sent == []


def in_lane(engine: Engine, job_ids: list[str], lane: Lane) -> list[str]:
    with engine.begin() as connection:
        connection.execute(update(jobs).where(jobs.c.id.in_(job_ids)).values(lane=lane.value))
    return job_ids


class TestLanes:
    def test_single_jobs_go_before_batches(
        self, *, store: JobStore, engine: Engine, admission: Admission, queue: Queue, alice: str
    ) -> None:
        batch = in_lane(engine, submit(store, alice, 3), Lane.BATCH)
        single = submit(store, alice, 3)
        assert admission.admit() == 2
        assert queue.sent == single[:2]
        assert {queue.lanes[job_id] for job_id in single[:2]} == {Lane.INTERACTIVE}
        assert not set(batch) & set(queue.sent)

    def test_a_batch_that_was_sent_ahead_takes_no_room_from_single_jobs(
        self,
        *,
        store: JobStore,
        engine: Engine,
        admission: Admission,
        queue: Queue,
        alice: str,
        bob: str,
    ) -> None:
        batch = in_lane(engine, submit(store, alice, 10), Lane.BATCH)
        assert admission.admit() == 2
        assert queue.taken() == batch[:2]
        single = submit(store, bob)
        assert admission.admit() == 1
        assert queue.taken() == single
        assert queue.lanes[single[0]] is Lane.INTERACTIVE
        assert queue.lanes[batch[0]] is Lane.BATCH
        assert admission.admit() == 0

    def test_batches_of_several_callers_take_turns(
        self,
        *,
        store: JobStore,
        engine: Engine,
        new_admission: Callable[..., Admission],
        queue: Queue,
        alice: str,
        bob: str,
    ) -> None:
        hers = in_lane(engine, submit(store, alice, 10), Lane.BATCH)
        his = in_lane(engine, submit(store, bob, 10), Lane.BATCH)
        assert new_admission(slots=3).admit() == 6
        assert sorted(queue.sent) == sorted(hers[:3] + his[:3])

    def test_what_is_held_is_left_alone_until_it_is_released(
        self,
        *,
        store: JobStore,
        engine: Engine,
        admission: Admission,
        claims: JobClaims,
        queue: Queue,
        clock: Any,
        alice: str,
    ) -> None:
        held = in_lane(engine, submit(store, alice, 2), Lane.HELD)
        assert admission.admit() == 0
        assert claims.claim(held[0], "w") is None
        in_lane(engine, held, Lane.BATCH)
        assert admission.admit() == 2
        # held again while their messages are on the way: these find nothing, nor are they repeated
        in_lane(engine, held, Lane.HELD)
        assert [claims.claim(job_id, "w") for job_id in queue.taken()] == [None, None]
        clock.step(60)
        assert admission.admit() == 0
        in_lane(engine, held, Lane.BATCH)
        assert admission.admit() == 2
        assert claims.claim(held[0], "w") is not None


class TestLimitOfACaller:
    def test_counts_what_is_sent_and_what_runs(
        self,
        *,
        store: JobStore,
        new_admission: Callable[..., Admission],
        claims: JobClaims,
        queue: Queue,
        alice: str,
        bob: str,
    ) -> None:
        admission = new_admission(slots=5, most=3)
        hers = submit(store, alice, 8)
        assert admission.admit() == 3
        running = [claims.claim(job_id, "w") for job_id in queue.taken()]
        assert admission.admit() == 0
        his = submit(store, bob, 2)
        assert admission.admit() == 2
        assert queue.taken() == his
        assert running[0] is not None
        claims.succeed(running[0], FACTS, Findings("jobs/x/1"))
        assert admission.admit() == 1
        assert queue.taken() == hers[3:4]

    def test_holds_however_many_admit_at_once(
        self,
        *,
        store: JobStore,
        engine: Engine,
        new_admission: Callable[..., Admission],
        queue: Queue,
        race: Any,
        alice: str,
    ) -> None:
        in_lane(engine, submit(store, alice, 10), Lane.BATCH)
        submit(store, alice, 10)
        admissions = [new_admission(slots=10, most=7) for _ in range(4)]
        outcomes = race(*(each.admit for each in admissions))
        assert sum(outcomes) == 7
        assert len(set(queue.sent)) == len(queue.sent) == 7
        assert set(queue.lanes.values()) == {Lane.INTERACTIVE}


def test_several_at_a_time_are_sent_once_workers_run_out(
    *,
    store: JobStore,
    new_admission: Callable[..., Admission],
    claims: JobClaims,
    queue: Queue,
    alice: str,
) -> None:
    admission = new_admission(slots=3)
    waiting = submit(store, alice, 20)
    assert admission.admit() == 6
    for job_id in queue.taken()[:2]:
        assert claims.claim(job_id, "w")
        assert admission.admit() == 0
    assert claims.claim(waiting[2], "w")
    assert admission.admit() == 3
    assert queue.taken() == waiting[6:9]
