"""What callers can rely on: submit, read, list, cancel, delete."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import IntegrityError

from common.errors import Fault, RequestError, TransientError
from common.jobs.claims import Findings, JobClaims
from common.jobs.job import ArtifactFacts, Job, JobStatus
from common.jobs.new_job import JobFilter, NewJob, Submitted, Wish
from common.jobs.retention import Retention
from common.jobs.store import JobStore

Race = Callable[..., list[Any]]
Counting = Callable[[], AbstractContextManager[list[str]]]

KEEP = Retention(jobs=timedelta(days=7), artifacts=timedelta(days=3))
UNKNOWN_IDS = [
    "",
    "job_",
    "job_01m84r2bpxptkgp46j6m66kp7n",
    "JOB_01M84R2BPXPTKGP46J6M66KP7N",
    "job_01m84r2bpxptkgp46j6m66kp7n\n",
    "\x00",
    "' OR 1=1 --",
    "job_" + "é" * 26,
    "x" * 10_000,
]


@pytest.fixture
def store(engine: Engine, clock: Callable[[], datetime]) -> JobStore:
    return JobStore(engine, clock)


@pytest.fixture
def claims(engine: Engine, clock: Callable[[], datetime]) -> JobClaims:
    return JobClaims(engine, clock, retention=KEEP, lease_seconds=15)


def submit(store: JobStore, caller: str, **more: Any) -> Job:
    return store.submit(NewJob(caller, {"project_name": "shop"}, **more)).job


class TestSubmit:
    def test_what_is_returned_is_what_is_stored(self, store: JobStore, alice: str) -> None:
        submitted = store.submit(
            NewJob(
                alice,
                {"project_name": "shop", "schema": [{"naïve": "ü\U0001f600"}]},
                project_name="shop",
                warnings=[Fault("/description", "cut", "It was cut.")],
                batch_id="batch_1",
                retry_of="job_0",
                timeout_seconds=7,
                start_within_seconds=60,
            )
        )
        assert submitted.created
        assert submitted.job == store.get(alice, submitted.job.id)
        assert submitted.job.status is JobStatus.QUEUED
        assert submitted.job.revision == 1
        assert submitted.job.warnings == (
            {"pointer": "/description", "code": "cut", "message": "It was cut."},
        )
        assert store.get_document(alice, submitted.job.id) == {
            "project_name": "shop",
            "schema": [{"naïve": "ü\U0001f600"}],
        }

    def test_another_process_sees_it_at_once(
        self,
        store: JobStore,
        new_engine: Callable[[], Engine],
        clock: Callable[[], datetime],
        alice: str,
    ) -> None:
        job = submit(store, alice)
        assert JobStore(new_engine(), clock).get(alice, job.id) == job

    def test_is_two_inserts_in_one_transaction(
        self, store: JobStore, counting: Counting, alice: str
    ) -> None:
        with counting() as statements:
            submit(store, alice)
        assert [statement.split()[0] for statement in statements if "BEGIN" not in statement] == [
            "INSERT",
            "INSERT",
        ]

    def test_of_an_unknown_caller_is_refused(self, store: JobStore) -> None:
        for wish in (None, Wish("once", "a" * 64)):
            with pytest.raises(IntegrityError):
                submit(store, "nobody", wish=wish)

    def test_of_several_at_once_gives_each_its_own_outcome(
        self, store: JobStore, alice: str, bob: str
    ) -> None:
        wish = Wish("once", "a" * 64)
        earlier = store.submit(NewJob(alice, {}, wish=wish)).job
        new, again, other_body, his, twin = store.submit_all(
            [
                NewJob(alice, {"n": 1}),
                NewJob(alice, {}, wish=wish),
                NewJob(alice, {}, wish=Wish("once", "b" * 64)),
                NewJob(bob, {"n": 2}, wish=wish),
                NewJob(bob, {"n": 2}, wish=wish),
            ]
        )
        assert isinstance(new, Submitted)
        assert new.created
        assert store.get_document(alice, new.job.id) == {"n": 1}
        assert again == Submitted(earlier, created=False)
        assert isinstance(other_body, RequestError)
        assert other_body.code == "idempotency_key_reused"
        assert isinstance(his, Submitted)
        assert twin == Submitted(his.job, created=False)

    def test_what_is_wrong_with_one_concerns_no_other(self, store: JobStore, alice: str) -> None:
        good, nobodys, unspeakable, last = store.submit_all(
            [
                NewJob(alice, {"n": 1}),
                NewJob("caller_that_is_gone", {}),
                NewJob(alice, {"text": "\ud800"}),
                NewJob(alice, {"n": 2}),
            ]
        )
        assert isinstance(nobodys, IntegrityError)
        assert isinstance(unspeakable, Exception)
        for number, outcome in ((1, good), (2, last)):
            assert isinstance(outcome, Submitted)
            assert store.get_document(alice, outcome.job.id) == {"n": number}

    def test_what_is_recorded_is_said_though_the_database_goes_away(
        self, store: JobStore, engine: Engine, alice: str
    ) -> None:
        """In the midst of recording them one by one, because one was wished for before."""
        wish = Wish("once", "a" * 64)
        earlier = store.submit(NewJob(alice, {}, wish=wish)).job
        begun: list[object] = []

        def fail_the_third_time(connection: object) -> None:
            begun.append(connection)
            if len(begun) == 3:
                raise TransientError("database_unavailable", "away")

        event.listen(engine, "begin", fail_the_third_time)
        first, second, again = store.submit_all(
            [NewJob(alice, {"n": 1}), NewJob(alice, {"n": 2}), NewJob(alice, {}, wish=wish)]
        )
        event.remove(engine, "begin", fail_the_third_time)
        assert isinstance(first, Submitted)
        assert isinstance(second, TransientError)
        assert again == Submitted(earlier, created=False)
        there = {job.id for job in store.list(alice, JobFilter()).items}
        assert there == {first.job.id, earlier.id}


class TestWish:
    wish = Wish("once", "a" * 64)

    def test_again_is_the_same_job_as_it_is_now(self, store: JobStore, alice: str) -> None:
        first = store.submit(NewJob(alice, {}, wish=self.wish))
        cancelled = store.request_cancel(alice, first.job.id)
        again = store.submit(NewJob(alice, {}, wish=self.wish))
        assert again == Submitted(cancelled, created=False)
        assert store.find_wished(alice, self.wish) == cancelled

    def test_with_another_body_is_refused(self, store: JobStore, alice: str) -> None:
        store.submit(NewJob(alice, {}, wish=self.wish))
        with pytest.raises(RequestError) as raised:
            store.submit(NewJob(alice, {}, wish=Wish("once", "b" * 64)))
        assert (raised.value.status, raised.value.code) == (422, "idempotency_key_reused")
        with pytest.raises(RequestError):
            store.find_wished(alice, Wish("once", "b" * 64))

    def test_belongs_to_its_caller(self, store: JobStore, alice: str, bob: str) -> None:
        hers = store.submit(NewJob(alice, {}, wish=self.wish))
        assert store.find_wished(bob, self.wish) is None
        his = store.submit(NewJob(bob, {}, wish=Wish("once", "b" * 64)))
        assert his.created
        assert his.job.id != hers.job.id

    def test_at_the_same_instant_makes_one_job(
        self, store: JobStore, race: Race, alice: str
    ) -> None:
        new = NewJob(alice, {}, wish=self.wish)
        outcomes = race(*[lambda: store.submit(new)] * 8)
        assert sorted(outcome.created for outcome in outcomes) == [False] * 7 + [True]
        assert len({outcome.job.id for outcome in outcomes}) == 1
        assert len(store.list(alice, JobFilter()).items) == 1

    def test_of_a_deleted_job_is_free_again(self, store: JobStore, alice: str) -> None:
        first = store.submit(NewJob(alice, {}, wish=self.wish)).job
        store.delete(alice, first.id)
        assert store.submit(NewJob(alice, {}, wish=self.wish)).created


class TestGet:
    @pytest.mark.parametrize("job_id", UNKNOWN_IDS, ids=range(len(UNKNOWN_IDS)))
    def test_an_id_of_any_form_that_never_was(
        self, store: JobStore, alice: str, job_id: str
    ) -> None:
        assert store.find(alice, job_id) is None
        for read in (store.get, store.get_output, store.get_document, store.request_cancel):
            with pytest.raises(RequestError) as raised:
                read(alice, job_id)
            assert raised.value.status == 404

    def test_of_another_caller_is_told_apart_by_nothing(
        self, store: JobStore, alice: str, bob: str
    ) -> None:
        job = submit(store, alice)
        answers = []
        for job_id in (job.id, "job_01m84r2bpxptkgp46j6m66kp7n"):
            with pytest.raises(RequestError) as raised:
                store.get(bob, job_id)
            answers.append((raised.value.status, raised.value.code, raised.value.detail))
        assert answers[0] == answers[1]
        with pytest.raises(RequestError):
            store.delete(bob, job.id)
        assert store.find(alice, job.id) == job

    def test_is_one_statement_by_the_primary_key(
        self, store: JobStore, counting: Counting, alice: str
    ) -> None:
        job = submit(store, alice)
        store.get(alice, job.id)
        with counting() as statements:
            store.get(alice, job.id)
        assert len(statements) == 1
        assert "job_documents" not in statements[0]


class TestList:
    def test_pages_are_newest_first_and_complete(
        self, store: JobStore, clock: Any, alice: str, bob: str
    ) -> None:
        made = []
        for number in range(7):
            if number % 3:
                clock.step(0.5)
            made.append(submit(store, alice).id)
            submit(store, bob)
        seen: list[str] = []
        cursor = None
        while True:
            page = store.list(alice, JobFilter(), limit=3, cursor=cursor)
            seen += [job.id for job in page.items]
            assert len(page.items) <= 3
            if page.next_cursor is None:
                break
            cursor = page.next_cursor
        assert seen == sorted(made, reverse=True)

    def test_a_page_does_not_move_when_jobs_arrive(
        self, store: JobStore, clock: Any, alice: str
    ) -> None:
        old = [submit(store, alice).id]
        clock.step(1)
        old.append(submit(store, alice).id)
        clock.step(1)
        submit(store, alice)
        first = store.list(alice, JobFilter(), limit=1)
        clock.step(1)
        submit(store, alice)
        second = store.list(alice, JobFilter(), limit=5, cursor=first.next_cursor)
        assert [job.id for job in second.items] == old[::-1]

    def test_filters(self, store: JobStore, alice: str) -> None:
        shop = submit(store, alice, project_name="shop")
        clinic = submit(store, alice, project_name="clinic", batch_id="batch_1")
        store.request_cancel(alice, shop.id)

        def ids(**only: Any) -> set[str]:
            return {job.id for job in store.list(alice, JobFilter(**only)).items}

        assert ids() == {shop.id, clinic.id}
        assert ids(status=JobStatus.CANCELLED) == {shop.id}
        assert ids(status=JobStatus.FAILED) == set()
        assert ids(project_name="clinic") == {clinic.id}
        assert ids(project_name="clinic", status=JobStatus.CANCELLED) == set()
        assert ids(batch_id="batch_1") == {clinic.id}
        assert ids(batch_id="\x00") == ids(project_name="clinic\x00") == set()

    def test_times_are_exclusive_and_exact(self, store: JobStore, clock: Any, alice: str) -> None:
        jobs = []
        for _ in range(3):
            jobs.append(submit(store, alice))
            clock.step(0.001)
        middle = jobs[1].created_at

        def ids(**only: Any) -> list[str]:
            return [job.id for job in store.list(alice, JobFilter(**only)).items]

        assert ids(created_after=middle) == [jobs[2].id]
        assert ids(created_before=middle) == [jobs[0].id]
        close = timedelta(microseconds=1)
        assert ids(created_after=middle - close, created_before=middle + close) == [jobs[1].id]
        assert ids(created_after=datetime.fromisoformat("0001-01-01T00:00:00+00:00")) != []
        assert ids(created_after=datetime.fromisoformat("9999-12-31T23:59:59+00:00")) == []

    @pytest.mark.parametrize("cursor", ["", "x", "!!", "am9iXw", "é", "a" * 5000, "\x00"])
    def test_a_cursor_that_never_was(self, store: JobStore, alice: str, cursor: str) -> None:
        with pytest.raises(RequestError) as raised:
            store.list(alice, JobFilter(), cursor=cursor)
        assert raised.value.status == 400


class TestCancel:
    def test_of_a_queued_job_is_done_at_once(
        self, store: JobStore, claims: JobClaims, alice: str
    ) -> None:
        job = submit(store, alice, start_within_seconds=60)
        cancelled = store.request_cancel(alice, job.id)
        assert cancelled.status is JobStatus.CANCELLED
        assert cancelled.finished_at is not None
        assert cancelled.revision == 2
        assert cancelled == store.get(alice, job.id)
        assert claims.claim(job.id, "w") is None

    def test_of_a_running_job_waits_for_its_worker(
        self, store: JobStore, claims: JobClaims, alice: str
    ) -> None:
        job = submit(store, alice)
        claim = claims.claim(job.id, "w")
        assert claim is not None
        assert not claims.cancel_requested(claim)
        asked = store.request_cancel(alice, job.id)
        assert asked.status is JobStatus.RUNNING
        assert asked.revision == 3
        assert store.request_cancel(alice, job.id) == asked
        assert claims.cancel_requested(claim)
        claims.cancel(claim)
        done = store.get(alice, job.id)
        assert done.status is JobStatus.CANCELLED
        assert done.attempts[0].outcome == "cancelled"

    def test_of_a_finished_job_changes_nothing(self, store: JobStore, alice: str) -> None:
        job = submit(store, alice)
        cancelled = store.request_cancel(alice, job.id)
        assert store.request_cancel(alice, job.id) == cancelled

    def test_against_a_claim_has_one_winner(
        self, store: JobStore, claims: JobClaims, race: Race, alice: str
    ) -> None:
        for _ in range(10):
            job = submit(store, alice)
            claim, cancelled = race(
                lambda job=job: claims.claim(job.id, "w"),
                lambda job=job: store.request_cancel(alice, job.id),
            )
            if claim is None:
                assert cancelled.status is JobStatus.CANCELLED
            else:
                assert cancelled.status is JobStatus.RUNNING
                assert claims.cancel_requested(claim)


class TestDelete:
    def test_removes_job_and_document(self, store: JobStore, engine: Engine, alice: str) -> None:
        job = submit(store, alice)
        store.delete(alice, job.id)
        assert store.find(alice, job.id) is None
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM job_documents")).scalar() == 0
        with pytest.raises(RequestError) as raised:
            store.delete(alice, job.id)
        assert raised.value.status == 404

    def test_of_a_running_job_is_refused(
        self, store: JobStore, claims: JobClaims, alice: str
    ) -> None:
        job = submit(store, alice)
        claims.claim(job.id, "w")
        with pytest.raises(RequestError) as raised:
            store.delete(alice, job.id)
        assert raised.value.status == 409


class TestOutput:
    def test_is_there_until_it_expires(
        self, store: JobStore, claims: JobClaims, clock: Any, alice: str
    ) -> None:
        job = submit(store, alice)
        assert store.get_output(alice, job.id).key is None
        claim = claims.claim(job.id, "w")
        assert claim is not None
        facts = ArtifactFacts(3, 100, "f" * 64)
        claims.succeed(claim, facts, Findings(output_key=f"jobs/{job.id}/1"))
        output = store.get_output(alice, job.id)
        assert (output.key, output.expired) == (f"jobs/{job.id}/1", False)
        assert output.job.artifact == facts
        assert output.job.expires_at == clock() + KEEP.artifacts
        clock.step(KEEP.artifacts.total_seconds())
        output = store.get_output(alice, job.id)
        assert (output.key, output.expired) == (None, True)


class TestCounts:
    def test_every_status_is_named(self, store: JobStore, clock: Any, alice: str, bob: str) -> None:
        assert store.oldest_queued_at() is None
        first = submit(store, alice)
        clock.step(5)
        submit(store, bob)
        store.request_cancel(alice, submit(store, alice).id)
        counts = store.count_by_status()
        assert set(counts) == set(JobStatus)
        assert counts[JobStatus.QUEUED] == 2
        assert counts[JobStatus.CANCELLED] == 1
        assert store.oldest_queued_at() == first.created_at
