"""What is kept, for how long, and what is left afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from common.errors import RequestError, TransientError
from common.jobs.claims import Findings, JobClaims
from common.jobs.expiry import AT_ONCE, Expired, expire
from common.jobs.job import ArtifactFacts
from common.jobs.new_job import JobFilter, NewJob, Wish
from common.jobs.retention import Retention
from common.jobs.store import JobStore
from common.jobs.wishes import clear_old

KEEP = Retention(jobs=timedelta(hours=2), artifacts=timedelta(hours=1))
FACTS = ArtifactFacts(1, 1, "f" * 64)


@pytest.fixture
def store(engine: Engine, clock: Callable[[], datetime]) -> JobStore:
    return JobStore(engine, clock)


@pytest.fixture
def finished(store: JobStore, engine: Engine, clock: Any, alice: str) -> str:
    """The id of a job that has just succeeded."""
    claims = JobClaims(engine, clock, retention=KEEP, lease_seconds=15)
    claim = claims.claim(store.submit(NewJob(alice, {})).job.id, "w")
    assert claim is not None
    claims.succeed(claim, FACTS, Findings(f"jobs/{claim.job.id}/1"))
    return claim.job.id


def test_the_files_go_first_and_the_job_later(
    *, store: JobStore, engine: Engine, clock: Any, alice: str, finished: str
) -> None:
    deleted: list[str] = []
    waiting = store.submit(NewJob(alice, {})).job
    clock.step(3599)
    assert expire(engine, clock(), KEEP, deleted.append) == Expired(0, 0)
    revision = store.get(alice, finished).revision
    clock.step(1)
    assert expire(engine, clock(), KEEP, deleted.append) == Expired(1, 0)
    assert deleted == [f"jobs/{finished}"]
    assert store.get(alice, finished).revision == revision + 1
    assert store.get_output(alice, finished).expired
    assert expire(engine, clock(), KEEP, deleted.append) == Expired(0, 0)
    clock.step(3600)
    assert expire(engine, clock(), KEEP, deleted.append) == Expired(0, 1)
    with pytest.raises(RequestError):
        store.get(alice, finished)
    assert store.get(alice, waiting.id) == waiting


def test_a_round_that_broke_off_is_done_again(
    *, store: JobStore, engine: Engine, clock: Any, alice: str, finished: str
) -> None:
    def fail(_prefix: str) -> None:
        raise TransientError("storage_unavailable", "away")

    clock.step(3600)
    assert expire(engine, clock(), KEEP, fail) == Expired(0, 0, stuck=1)
    assert expire(engine, clock(), KEEP, lambda _: None) == Expired(1, 0)
    assert store.get_output(alice, finished).expired


def test_those_whose_files_stay_keep_no_other_from_going(
    *, store: JobStore, engine: Engine, clock: Any, alice: str
) -> None:
    """Also where they are more than a round takes."""
    made = []
    for _ in range(4):
        made += [each.job.id for each in store.submit_all([NewJob(alice, {})] * 100)]
    for job_id in made:
        store.request_cancel(alice, job_id)
    clock.step(7200)
    stuck = {f"jobs/{job_id}" for job_id in sorted(made)[: AT_ONCE + 50]}
    tries: list[str] = []

    def delete(prefix: str) -> None:
        tries.append(prefix)
        if prefix in stuck:
            raise TransientError("storage_unavailable", "a folder that can't be removed")

    assert expire(engine, clock(), KEEP, delete) == Expired(0, 150, stuck=AT_ONCE + 50)
    assert len(tries) == len(set(tries)) == len(made)
    left = store.list(alice, JobFilter(), limit=100).items
    assert {f"jobs/{job.id}" for job in left} <= stuck
    stuck.clear()
    assert expire(engine, clock(), KEEP, delete) == Expired(0, AT_ONCE + 50)


def test_where_nothing_can_be_removed_it_is_not_tried_for_long(
    *, store: JobStore, engine: Engine, clock: Any, alice: str
) -> None:
    for made in store.submit_all([NewJob(alice, {})] * 10):
        store.request_cancel(alice, made.job.id)  # type: ignore[union-attr]
    clock.step(7200)
    tries: list[str] = []

    def fail(prefix: str) -> None:
        tries.append(prefix)
        raise TransientError("storage_unavailable", "away")

    assert expire(engine, clock(), KEEP, fail, within_seconds=0) == Expired(0, 0, stuck=10)
    assert len(tries) == 1


def test_a_cancelled_job_goes_with_its_wait_over(
    store: JobStore, engine: Engine, clock: Any, alice: str
) -> None:
    job = store.submit(NewJob(alice, {})).job
    store.request_cancel(alice, job.id)
    clock.step(7200)
    assert expire(engine, clock(), KEEP, lambda _: None) == Expired(0, 1)
    assert store.find(alice, job.id) is None


def test_many_go_in_several_rounds_while_there_is_time(
    store: JobStore, engine: Engine, clock: Any, alice: str
) -> None:
    made = []
    for _ in range(5):
        made += [each.job.id for each in store.submit_all([NewJob(alice, {})] * 100)]
    for job_id in made:
        store.request_cancel(alice, job_id)
    clock.step(7200)
    deleted: list[str] = []
    assert expire(engine, clock(), KEEP, deleted.append, within_seconds=0) == Expired(0, AT_ONCE)
    assert expire(engine, clock(), KEEP, deleted.append) == Expired(0, 500 - AT_ONCE)
    assert sorted(deleted) == sorted(f"jobs/{job_id}" for job_id in made)


def test_old_keys_are_cleared_some_at_a_time(
    *, store: JobStore, engine: Engine, clock: Any, counting: Any, alice: str
) -> None:
    for start in range(0, 1200, 100):
        wishes = [Wish(f"k{number}", "x") for number in range(start, start + 100)]
        store.submit_all([NewJob(alice, {}, wish=wish) for wish in wishes])
    clock.step(24 * 3600 - 1)
    assert clear_old(engine, clock()) == 0
    assert store.find_wished(alice, Wish("k0", "x")) is not None
    clock.step(1)
    assert store.find_wished(alice, Wish("k0", "x")) is None
    with counting() as statements:
        assert clear_old(engine, clock()) == 1200
    assert len([each for each in statements if each.startswith("UPDATE")]) == 3
    assert clear_old(engine, clock()) == 0
