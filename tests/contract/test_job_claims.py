"""What workers can rely on: one claim a job, and no word from whoever lost it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update

from common.batches.incoming import Incoming, NewLine
from common.batches.store import BatchStore
from common.db.tables import jobs
from common.errors import TransientError
from common.jobs.claim import LeaseLostError
from common.jobs.claims import Claim, Findings, JobClaims
from common.jobs.job import ArtifactFacts, JobError, JobStatus, Stage, VerificationFacts
from common.jobs.new_job import JobFilter, NewJob
from common.jobs.recovery import recover
from common.jobs.retention import Retention
from common.jobs.store import JobStore

KEEP = Retention(jobs=timedelta(days=7), artifacts=timedelta(days=3))
LEASE = 15.0
FACTS = ArtifactFacts(file_count=3, size_bytes=100, sha256="f" * 64)
BROKEN = JobError("verification_failed", "Not proven: tests", Stage.VERIFY, retryable=False)
FULL_DISK = TransientError("storage_unavailable", "The disk is full.", retry_after_seconds=5)


@pytest.fixture
def store(engine: Engine, clock: Callable[[], datetime]) -> JobStore:
    return JobStore(engine, clock)


@pytest.fixture
def new_claims(
    new_engine: Callable[[], Engine], engine: Engine, clock: Callable[[], datetime]
) -> Callable[[], JobClaims]:
    """Another worker process's claims: an engine of its own on the same (migrated) database."""
    assert engine

    def make() -> JobClaims:
        return JobClaims(new_engine(), clock, retention=KEEP, lease_seconds=LEASE)

    return make


@pytest.fixture
def claims(new_claims: Callable[[], JobClaims]) -> JobClaims:
    return new_claims()


@pytest.fixture
def claim(store: JobStore, claims: JobClaims, alice: str) -> Claim:
    return claimed(claims, store.submit(NewJob(alice, {"a": 1}, timeout_seconds=7)).job.id)


def claimed(claims: JobClaims, job_id: str) -> Claim:
    claim = claims.claim(job_id, "host:1")
    assert claim is not None
    return claim


def a_batch(engine: Engine, clock: Any, caller: str, count: int) -> tuple[str, list[str]]:
    """An accepted batch of so many jobs, and their ids."""
    incoming = Incoming(engine, clock, caller, lines_per_hour=1000)
    incoming.add(
        [
            NewLine(number, f"line-{number}", NewJob(caller, {"n": number}), bytes([number]))
            for number in range(1, count + 1)
        ]
    )
    incoming.accept()
    made = JobStore(engine, clock).list(caller, JobFilter(batch_id=incoming.id)).items
    return incoming.id, [job.id for job in made]


def every_write(claims: JobClaims, claim: Claim) -> list[Callable[[], Any]]:
    return [
        lambda: claims.renew(claim),
        lambda: claims.cancel_requested(claim),
        lambda: claims.set_stage(claim, Stage.PLAN),
        lambda: claims.set_progress(claim, 1, 2),
        lambda: claims.succeed(claim, FACTS, Findings(output_key="jobs/x/1")),
        lambda: claims.fail(claim, BROKEN),
        lambda: claims.cancel(claim),
        lambda: claims.try_again(claim, FULL_DISK, stage=None, max_attempts=3),
        lambda: claims.give_back(claim),
    ]


class TestClaim:
    def test_hands_over_the_document(self, store: JobStore, claim: Claim, alice: str) -> None:
        assert claim.document == {"a": 1}
        assert claim.timeout_seconds == 7
        assert claim.fence == 1
        job = store.get(alice, claim.job.id)
        assert job == claim.job
        assert job.status is JobStatus.RUNNING
        assert job.started_at is not None
        assert [(attempt.number, attempt.worker) for attempt in job.attempts] == [(1, "host:1")]

    def test_of_many_workers_one_gets_it(
        self, *, store: JobStore, new_claims: Callable[[], JobClaims], race: Any, alice: str
    ) -> None:
        workers = [new_claims() for _ in range(6)]
        for _ in range(5):
            job = store.submit(NewJob(alice, {})).job
            outcomes = race(
                *(lambda each=each, job=job: each.claim(job.id, "w") for each in workers)
            )
            assert sum(isinstance(outcome, Claim) for outcome in outcomes) == 1
            assert outcomes.count(None) == 5
            assert store.get(alice, job.id).attempt_count == 1

    @pytest.mark.parametrize("job_id", ["", "job_01m84r2bpxptkgp46j6m66kp7n", "\x00", "x" * 99])
    def test_of_what_never_was(self, claims: JobClaims, job_id: str) -> None:
        assert claims.claim(job_id, "w") is None

    def test_again_while_it_runs_or_has_ended(self, claims: JobClaims, claim: Claim) -> None:
        assert claims.claim(claim.job.id, "w") is None
        claims.fail(claim, BROKEN)
        assert claims.claim(claim.job.id, "w") is None

    def test_after_its_time_to_start(
        self, store: JobStore, claims: JobClaims, clock: Any, alice: str
    ) -> None:
        job = store.submit(NewJob(alice, {}, start_within_seconds=10)).job
        clock.step(10)
        assert claims.claim(job.id, "w") is None


class TestRevision:
    def test_rises_with_what_callers_see_and_nothing_else(
        self, store: JobStore, claims: JobClaims, claim: Claim, alice: str
    ) -> None:
        def revision() -> int:
            return store.get(alice, claim.job.id).revision

        assert revision() == 2
        claims.renew(claim)
        assert revision() == 2
        claims.set_stage(claim, Stage.VERIFY)
        assert revision() == 3
        claims.set_progress(claim, 1, 7)
        assert revision() == 4
        job = store.get(alice, claim.job.id)
        assert (job.stage, job.progress_done, job.progress_total) == (Stage.VERIFY, 1, 7)
        claims.set_stage(claim, Stage.PACKAGE)
        job = store.get(alice, claim.job.id)
        assert (job.stage, job.progress_done, job.progress_total) == (Stage.PACKAGE, 0, 0)


class TestFinish:
    def test_succeeded(
        self, *, store: JobStore, claims: JobClaims, clock: Any, claim: Claim, alice: str
    ) -> None:
        clock.step(3)
        facts = VerificationFacts("full", 7, 0, 0)
        warning = {"pointer": "", "code": "verification", "message": "compiled only"}
        claims.succeed(claim, FACTS, Findings("jobs/x/1", facts, [warning]))
        job = store.get(alice, claim.job.id)
        assert job.status is JobStatus.SUCCEEDED
        assert (job.artifact, job.verification, job.error) == (FACTS, facts, None)
        assert job.warnings == (warning,)
        assert job.finished_at == clock()
        assert (job.attempts[0].outcome, job.attempts[0].ended_at) == ("succeeded", clock())

    def test_failed_keeps_its_report(
        self, store: JobStore, claims: JobClaims, claim: Claim, alice: str
    ) -> None:
        facts = VerificationFacts("full", 6, 1, 0)
        claims.fail(claim, BROKEN, Findings("jobs/x/1", facts))
        job = store.get(alice, claim.job.id)
        assert job.status is JobStatus.FAILED
        assert (job.error, job.artifact, job.verification) == (BROKEN, None, facts)
        assert (job.attempts[0].outcome, job.attempts[0].message) == ("failed", BROKEN.message)
        assert store.get_output(alice, job.id).key == "jobs/x/1"

    def test_is_final(
        self,
        *,
        store: JobStore,
        claims: JobClaims,
        clock: Any,
        engine: Engine,
        claim: Claim,
        alice: str,
    ) -> None:
        claims.fail(claim, BROKEN)
        before = store.get(alice, claim.job.id)
        for write in every_write(claims, claim):
            with pytest.raises(LeaseLostError):
                write()
        clock.step(10_000)
        recover(engine, clock(), max_attempts=3)
        assert store.get(alice, claim.job.id) == before


class TestLease:
    def test_lost_means_every_write_is_refused(
        self,
        *,
        store: JobStore,
        claims: JobClaims,
        clock: Any,
        engine: Engine,
        claim: Claim,
        alice: str,
    ) -> None:
        clock.step(LEASE)
        assert recover(engine, clock(), max_attempts=3) == 1
        given_back = store.get(alice, claim.job.id)
        assert given_back.status is JobStatus.QUEUED
        assert given_back.attempts[0].outcome == "worker_lost"
        assert given_back.attempts[0].ended_at == clock()
        for write in every_write(claims, claim):
            with pytest.raises(LeaseLostError):
                write()
        assert store.get(alice, claim.job.id) == given_back

    def test_of_another_means_every_write_is_refused(
        self,
        *,
        store: JobStore,
        claims: JobClaims,
        new_claims: Callable[[], JobClaims],
        clock: Any,
        engine: Engine,
        claim: Claim,
        alice: str,
    ) -> None:
        clock.step(LEASE)
        recover(engine, clock(), max_attempts=3)
        other = new_claims()
        current = claimed(other, claim.job.id)
        assert current.fence == 2
        for write in every_write(claims, claim):
            with pytest.raises(LeaseLostError):
                write()
        other.succeed(current, FACTS, Findings(f"jobs/{claim.job.id}/2"))
        job = store.get(alice, claim.job.id)
        assert job.status is JobStatus.SUCCEEDED
        assert [attempt.outcome for attempt in job.attempts] == ["worker_lost", "succeeded"]
        assert store.get_output(alice, job.id).key == f"jobs/{claim.job.id}/2"

    def test_that_is_renewed_is_not_lost(
        self, claims: JobClaims, clock: Any, engine: Engine, claim: Claim
    ) -> None:
        for _ in range(5):
            clock.step(LEASE - 1)
            assert recover(engine, clock(), max_attempts=3) == 0
            claims.renew(claim)

    def test_lost_too_often_fails_the_job(
        self, *, store: JobStore, claims: JobClaims, clock: Any, engine: Engine, alice: str
    ) -> None:
        job = store.submit(NewJob(alice, {})).job
        for _ in range(3):
            claims.set_stage(claimed(claims, job.id), Stage.VERIFY)
            clock.step(LEASE)
            assert recover(engine, clock(), max_attempts=3) == 1
        failed = store.get(alice, job.id)
        assert failed.status is JobStatus.FAILED
        assert failed.error is not None
        assert (failed.error.code, failed.error.stage) == ("worker_lost", Stage.VERIFY)
        assert failed.error.retryable
        assert [attempt.outcome for attempt in failed.attempts] == ["worker_lost"] * 3

    def test_lost_by_a_job_that_shall_stop_cancels_it(
        self, *, store: JobStore, clock: Any, engine: Engine, claim: Claim, alice: str
    ) -> None:
        store.request_cancel(alice, claim.job.id)
        clock.step(LEASE)
        recover(engine, clock(), max_attempts=3)
        assert store.get(alice, claim.job.id).status is JobStatus.CANCELLED

    def test_lost_against_finished_has_one_winner(
        self,
        *,
        store: JobStore,
        claims: JobClaims,
        clock: Any,
        engine: Engine,
        race: Any,
        alice: str,
    ) -> None:
        for _ in range(10):
            claim = claimed(claims, store.submit(NewJob(alice, {})).job.id)
            clock.step(LEASE)
            finished, recovered = race(
                lambda claim=claim: claims.succeed(claim, FACTS, Findings("jobs/x/1")),
                lambda: recover(engine, clock(), max_attempts=3),
            )
            job = store.get(alice, claim.job.id)
            if isinstance(finished, LeaseLostError):
                assert (recovered, job.status) == (1, JobStatus.QUEUED)
                store.delete(alice, job.id)
            else:
                assert finished is JobStatus.SUCCEEDED
                assert job.status is JobStatus.SUCCEEDED


ENDS: dict[str, Callable[[JobClaims, Claim], JobStatus]] = {
    "succeeded": lambda claims, claim: claims.succeed(claim, FACTS, Findings("jobs/x/1")),
    "failed": lambda claims, claim: claims.fail(claim, BROKEN, Findings("jobs/x/1")),
    "cancelled": lambda claims, claim: claims.cancel(claim),
    "tried again": lambda claims, claim: claims.try_again(
        claim, FULL_DISK, stage=None, max_attempts=3
    ),
    "tried too often": lambda claims, claim: claims.try_again(
        claim, FULL_DISK, stage=None, max_attempts=1
    ),
    "given back": lambda claims, claim: claims.give_back(claim),
}


class TestCancelled:
    @pytest.mark.parametrize("end", ENDS)
    def test_whatever_the_attempt_would_have_ended_as(
        self, *, store: JobStore, claims: JobClaims, clock: Any, claim: Claim, alice: str, end: str
    ) -> None:
        asked = store.request_cancel(alice, claim.job.id)
        assert asked.status is JobStatus.RUNNING
        clock.step(1)
        assert ENDS[end](claims, claim) is JobStatus.CANCELLED
        job = store.get(alice, claim.job.id)
        assert job.status is JobStatus.CANCELLED
        assert job.finished_at == clock()
        assert (job.error, job.artifact, job.deferred_until) == (None, None, None)
        assert [attempt.outcome for attempt in job.attempts] == ["cancelled"]
        assert job.revision == asked.revision + 1
        assert store.get_output(alice, job.id).key is None
        assert claims.claim(job.id, "w") is None

    @pytest.mark.parametrize("end", ENDS)
    def test_counts_in_its_batch(
        self, *, engine: Engine, clock: Any, claims: JobClaims, alice: str, end: str
    ) -> None:
        batch_id, [job_id] = a_batch(engine, clock, alice, 1)
        claim = claimed(claims, job_id)
        batches = BatchStore(engine, clock)
        batches.request_cancel(alice, batch_id)
        ENDS[end](claims, claim)
        batch = batches.get(alice, batch_id)
        assert batch.finished_at == clock()
        assert batch.counts.cancelled == 1

    def test_against_every_end_has_one_winner(
        self, *, store: JobStore, new_claims: Callable[[], JobClaims], race: Any, alice: str
    ) -> None:
        claims = new_claims()
        for end in [*ENDS] * 3:
            claim = claimed(claims, store.submit(NewJob(alice, {})).job.id)
            answered, _ = race(
                lambda claim=claim: store.request_cancel(alice, claim.job.id),
                lambda claim=claim, end=end: ENDS[end](claims, claim),
            )
            job = store.get(alice, claim.job.id)
            if answered.status in {JobStatus.RUNNING, JobStatus.CANCELLED}:
                assert job.status is JobStatus.CANCELLED
            else:  # it was told that the job had finished
                assert answered.finished
                assert job.status is answered.status

    def test_once_more_where_an_older_version_left_the_wish(
        self, *, store: JobStore, engine: Engine, claims: JobClaims, claim: Claim, alice: str
    ) -> None:
        claims.give_back(claim)
        with engine.begin() as connection:
            connection.execute(update(jobs).values(cancel_requested_at=claim.job.created_at))
        assert store.request_cancel(alice, claim.job.id).status is JobStatus.CANCELLED


class TestTryAgain:
    def test_of_many_tries_waits_no_longer(
        self, store: JobStore, claims: JobClaims, clock: Any, claim: Claim, alice: str
    ) -> None:
        claims.try_again(replace(claim, fault_count=98), FULL_DISK, stage=None, max_attempts=100)
        assert store.get(alice, claim.job.id).deferred_until == clock() + timedelta(minutes=10)

    def test_holds_the_job_back_longer_each_time(
        self, *, store: JobStore, claims: JobClaims, clock: Any, engine: Engine, alice: str
    ) -> None:
        job_id = store.submit(NewJob(alice, {})).job.id
        for delay in (5, 10):
            claim = claimed(claims, job_id)
            status = claims.try_again(claim, FULL_DISK, stage=Stage.PACKAGE, max_attempts=3)
            assert status is JobStatus.DEFERRED
            held = store.get(alice, job_id)
            assert held.status is JobStatus.DEFERRED
            assert held.deferred_until == clock() + timedelta(seconds=delay)
            assert held.deferred_reason == "storage_unavailable"
            assert claims.claim(job_id, "w") is None
            clock.step(delay - 1)
            assert recover(engine, clock(), max_attempts=3) == 0
            clock.step(1)
            assert recover(engine, clock(), max_attempts=3) == 1
            again = store.get(alice, job_id)
            assert (again.status, again.deferred_until) == (JobStatus.QUEUED, None)
        claim = claimed(claims, job_id)
        status = claims.try_again(claim, FULL_DISK, stage=Stage.PACKAGE, max_attempts=3)
        failed = store.get(alice, job_id)
        assert status is failed.status is JobStatus.FAILED
        assert failed.error == JobError(
            "storage_unavailable", "The disk is full.", Stage.PACKAGE, retryable=True
        )
        assert [attempt.outcome for attempt in failed.attempts] == ["transient"] * 3

    def test_a_deferred_job_can_be_cancelled(
        self, store: JobStore, claims: JobClaims, claim: Claim, alice: str
    ) -> None:
        claims.try_again(claim, FULL_DISK, stage=None, max_attempts=3)
        cancelled = store.request_cancel(alice, claim.job.id)
        assert cancelled.status is JobStatus.CANCELLED
        assert cancelled.deferred_until is None


def test_a_job_that_could_not_start_in_time_fails(
    store: JobStore, clock: Any, engine: Engine, alice: str
) -> None:
    job = store.submit(NewJob(alice, {}, start_within_seconds=10)).job
    patient = store.submit(NewJob(alice, {}, start_within_seconds=60)).job
    clock.step(10)
    assert recover(engine, clock(), max_attempts=3) == 1
    failed = store.get(alice, job.id)
    assert failed.status is JobStatus.FAILED
    assert failed.error is not None
    assert failed.error.code == "not_started_in_time"
    assert failed.finished_at == clock()
    assert store.get(alice, patient.id).status is JobStatus.QUEUED
