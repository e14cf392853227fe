"""Batches and their jobs at instants that no single request meets, on each database."""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta

import pytest
from sqlalchemy import delete, event, func, select, update

from common.batches.batch import BatchStatus, HeldReason
from common.batches.expiry import expire_batches
from common.batches.following import follow_all
from common.batches.incoming import Incoming
from common.batches.lines import NewLine
from common.batches.retry import copy_failed
from common.batches.store import ERRORS_SHOWN, BatchStore
from common.db.tables import batch_lines, batches, callers, job_documents, jobs
from common.errors import Fault, RequestError, TransientError
from common.jobs.claim import Claim, Findings
from common.jobs.claims import JobClaims
from common.jobs.codes import ErrorCode
from common.jobs.job import ArtifactFacts, JobError, JobStatus
from common.jobs.new_job import JobFilter, NewJob
from common.jobs.overview import JobOverview
from common.jobs.recovery import recover
from common.jobs.retention import Retention
from common.jobs.store import JobStore

KEEP = Retention(jobs=timedelta(hours=2), artifacts=timedelta(hours=1))
FAILURE = JobError(ErrorCode.VERIFICATION_FAILED, "no", None, retryable=False)


class World:
    """The stores of one database, as a caller and a worker use them."""

    def __init__(self, engine, clock, alice: str) -> None:
        self.engine, self.clock, self.alice = engine, clock, alice
        self.jobs = JobStore(engine, clock)
        self.claims = JobClaims(engine, clock, retention=KEEP, lease_seconds=15)
        self.batches = BatchStore(engine, clock)

    def coming_in(
        self,
        count: int,
        *,
        lines_per_hour: int = 100_000,
        start_within_seconds: int | None = None,
        **asked,
    ) -> Incoming:
        """A batch with so many lines, each of another document, that is still to be accepted."""
        incoming = Incoming(
            self.engine, self.clock, self.alice, lines_per_hour=lines_per_hour, **asked
        )
        lines = []
        for n in range(1, count + 1):
            job = NewJob(self.alice, {"n": n}, start_within_seconds=start_within_seconds)
            lines.append(NewLine(n, f"c{n}", job, n.to_bytes(4, "big")))
        incoming.add(lines)
        return incoming

    def accepted(self, count: int, **asked) -> tuple[str, list[str]]:
        """The same, accepted: its id, and those of its jobs in the order of their lines."""
        incoming = self.coming_in(count, **asked)
        assert incoming.accept()
        ids = select(jobs.c.id).where(jobs.c.batch_id == incoming.id).order_by(jobs.c.id)
        with self.engine.connect() as connection:
            return incoming.id, list(connection.execute(ids).scalars())

    def batch(self, batch_id: str):
        return self.batches.get(self.alice, batch_id)

    def job(self, job_id: str):
        return self.jobs.get(self.alice, job_id)

    def begin(self, job_id: str) -> Claim | None:
        return self.claims.claim(job_id, "worker@test")

    def claimed(self, job_id: str) -> Claim:
        claim = self.begin(job_id)
        assert claim is not None
        return claim

    def succeed(self, claim: Claim) -> None:
        self.claims.succeed(claim, ArtifactFacts(1, 1, "x"), Findings("k"))

    def fail(self, claim: Claim, *, cost_usd: float | None = None) -> None:
        if cost_usd is not None:
            self.note_cost(claim.job.id, cost_usd)
        self.claims.fail(claim, FAILURE)

    def note_cost(self, job_id: str, usd: float) -> None:
        usage = {"llm_calls": 1, "input_tokens": 1, "output_tokens": 1, "cost_usd": usd}
        with self.engine.begin() as connection:
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(usage=usage))

    def write(self, batch_id: str, **change) -> None:
        """Change the row of a batch, and leave it to others that its jobs follow."""
        with self.engine.begin() as connection:
            connection.execute(update(batches).where(batches.c.id == batch_id).values(change))


@pytest.fixture
def world(engine, clock, alice) -> World:
    return World(engine, clock, alice)


@contextlib.contextmanager
def before_statement(engine, fragment: str, act):
    """Does `act` once, before the first statement of `engine` in which `fragment` occurs."""
    waiting = [act]

    def look(_connection, _cursor, statement, *_) -> None:
        if fragment in statement and waiting:
            waiting.pop()()

    event.listen(engine, "before_cursor_execute", look)
    yield
    event.remove(engine, "before_cursor_execute", look)
    assert not waiting


def after_transaction(engine, number: int, act) -> None:
    """Does `act` once, as soon as so many transactions of `engine` are over."""
    over: list[None] = []

    @event.listens_for(engine, "checkin")
    def look(*_) -> None:
        over.append(None)
        if len(over) == number:
            act()


class TestCancel:
    def test_ends_a_job_that_was_told_and_given_back(self, world) -> None:
        """Held as it is, nobody else would ever end it."""
        batch_id, [job_id] = world.accepted(1)
        world.claimed(job_id)
        world.batches.pause(world.alice, batch_id)
        cancelled = world.batches.request_cancel(world.alice, batch_id)
        assert cancelled.status is BatchStatus.CANCELLING
        back = {"status": "queued", "worker": None, "lease_expires_at": None}
        with world.engine.begin() as connection:  # whoever gives it back without a look
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(back))
        follow_all(world.engine, world.clock)
        assert world.batch(batch_id).status is BatchStatus.CANCELLED
        assert world.job(job_id).status is JobStatus.CANCELLED

    def test_tells_those_that_run_in_its_first_step(self, world, new_engine) -> None:
        """However many wait, and whatever their ids."""
        batch_id, ids = world.accepted(1200)
        claim = world.claimed(ids[-1])
        worker = World(new_engine(), world.clock, world.alice).claims
        told: list[bool] = []
        steps = event.listens_for(world.engine, "commit")
        steps(lambda _connection: told.append(worker.cancel_requested(claim)))
        world.batches.request_cancel(world.alice, batch_id)
        # Asked just before each commit: of the wish, of the first step with what it does itself
        # not seen yet, and of all others
        assert told[:2] == [False, False]
        assert len(told) > 3
        assert all(told[2:])

    def test_is_stored_as_every_moment_is(self, world) -> None:
        batch_id, [job_id] = world.accepted(1)
        world.claimed(job_id)
        first = world.clock()
        world.batches.request_cancel(world.alice, batch_id)
        world.clock.step(1)
        again = world.batches.request_cancel(world.alice, batch_id)
        assert again.cancel_requested_at == first

    @pytest.mark.parametrize("change", ["cancel_requested_at", "paused_at"])
    def test_or_a_pause_counts_before_its_jobs_have_followed(self, world, change) -> None:
        batch_id, [job_id] = world.accepted(1)
        world.write(batch_id, **{change: world.clock()})
        assert world.begin(job_id) is None
        world.write(batch_id, **{change: None})
        assert world.begin(job_id) is not None


class TestHeld:
    def test_a_job_that_comes_back_says_why_it_waits(self, world) -> None:
        batch_id, [job_id, _] = world.accepted(2)
        claim = world.claimed(job_id)
        world.batches.pause(world.alice, batch_id)
        world.claims.give_back(claim)
        follow_all(world.engine, world.clock)
        assert world.job(job_id).deferred_reason == HeldReason.PAUSED
        world.batches.resume(world.alice, batch_id)
        assert world.job(job_id).deferred_reason is None

    def test_a_job_says_so_when_the_reason_changes(self, world) -> None:
        batch_id, [first, second] = world.accepted(2, max_cost_usd=1.0)
        claim = world.claimed(first)
        world.batches.pause(world.alice, batch_id)
        assert world.job(second).deferred_reason == HeldReason.PAUSED
        world.fail(claim, cost_usd=1.0)
        assert world.batch(batch_id).held_reason == HeldReason.MAX_COST
        assert world.job(second).deferred_reason == HeldReason.MAX_COST


class TestMaxCost:
    def test_of_nothing_holds_once_something_was_spent(self, world) -> None:
        batch_id, ids = world.accepted(3, max_cost_usd=0.0)
        assert world.batch(batch_id).status is BatchStatus.RUNNING
        world.fail(world.claimed(ids[0]))
        assert world.batch(batch_id).status is BatchStatus.RUNNING
        world.fail(world.claimed(ids[1]), cost_usd=0.01)
        batch = world.batch(batch_id)
        assert (batch.status, batch.held_reason) == (BatchStatus.PAUSED, HeldReason.MAX_COST)
        assert world.begin(ids[2]) is None
        with pytest.raises(RequestError, match=r"0\.01 USD of 0"):
            world.batches.resume(world.alice, batch_id)

    def test_lets_no_other_begin_before_they_have_followed(self, world) -> None:
        _, [first, second] = world.accepted(2, max_cost_usd=1.0)
        claim = world.claimed(first)
        begun: list[object] = []
        # The first statement after the commit of the end: `follow` looks at the batch
        with before_statement(
            world.engine, "FROM batches \nWHERE", lambda: begun.append(world.begin(second))
        ):
            world.fail(claim, cost_usd=1.0)
        assert begun == [None]

    @pytest.mark.parametrize("end", ["recover", "cancel", "delete"])
    def test_holds_the_others_whoever_ends_a_job(self, world, end) -> None:
        _, [first, second] = world.accepted(2, max_cost_usd=1.0)
        world.note_cost(first, 1.0)
        if end == "recover":
            world.claimed(first)
            world.clock.step(16)
            recover(world.engine, world.clock(), max_attempts=1)
        elif end == "cancel":
            world.jobs.request_cancel(world.alice, first)
        else:
            world.jobs.delete(world.alice, first)
        assert world.job(second).deferred_reason == HeldReason.MAX_COST


class TestReading:
    def test_counts_are_of_one_moment(self, world, new_engine) -> None:
        batch_id, [job_id] = world.accepted(1)
        claim = world.claimed(job_id)
        reader = BatchStore(other := new_engine(), world.clock)
        ended: list[str] = []

        @event.listens_for(other, "after_cursor_execute")
        def end_it(_connection, _cursor, statement, *_) -> None:
            if "FROM batches" in statement and not ended:
                ended.append(statement)
                world.succeed(claim)

        counts = reader.get(world.alice, batch_id).counts
        assert ended
        assert (counts.running, counts.succeeded, counts.queued) == (1, 0, 0)

    def test_eta_takes_no_cancel_for_pace(self, world) -> None:
        batch_id, ids = world.accepted(100)
        world.clock.step(100)
        for job_id in ids[:50]:
            world.jobs.request_cancel(world.alice, job_id)
        assert world.batch(batch_id).eta_seconds is None
        world.fail(world.claimed(ids[50]))
        assert world.batch(batch_id).eta_seconds == pytest.approx(4900, abs=2)

    def test_showing_some_faults_builds_few_more(self, world) -> None:
        incoming = world.coming_in(1)
        faults = tuple(Fault(f"/body/{n}", "x", "y") for n in range(60))
        incoming.add([NewLine(n, f"c{n}", faults=faults) for n in range(2, 31)])
        found = world.batches.find_faults(incoming.id)
        assert ERRORS_SHOWN <= len(found) < ERRORS_SHOWN + 60
        after = found[-1].line
        assert world.batches.find_faults(incoming.id, after_line=after)[0].line == after + 1


class TestAcceptance:
    def test_comes_before_its_jobs_are_listed(self, world) -> None:
        incoming = world.coming_in(3)

        def listed() -> list[int]:
            everybodys, _ = JobOverview(world.engine).list(
                JobFilter(), caller=None, limit=10, cursor=None
            )
            return [len(everybodys), len(world.jobs.list(world.alice, JobFilter()).items)]

        assert listed() == [0, 0]
        assert incoming.accept()
        assert listed() == [3, 3]

    def test_of_the_same_wish_is_one_whatever_the_hour_has_left(self, world) -> None:
        first, second = (
            world.coming_in(6, lines_per_hour=10, idempotency_key="k") for _ in range(2)
        )
        assert first.accept("sha")
        second.add([NewLine(7, "c7", NewJob(world.alice, {"n": 7}), b"7")])
        assert not second.accept("sha")
        granted = world.batches.find_wished(world.alice, "k", "sha")
        assert granted is not None
        assert granted.id == first.id

    def test_takes_the_key_of_a_batch_that_is_old(self, world) -> None:
        assert world.coming_in(1, idempotency_key="k").accept("a")
        world.clock.step(24 * 3600)
        later = world.coming_in(1, idempotency_key="k")
        assert later.accept("b")
        found = world.batches.find_wished(world.alice, "k", "b")
        assert found is not None
        assert found.id == later.id

    def test_is_refused_once_the_batch_is_being_removed(self, world, new_engine) -> None:
        incoming = world.coming_in(2)
        world.clock.step(31 * 60)
        beat = new_engine()
        refused: list[TransientError] = []

        def accept() -> None:
            with pytest.raises(TransientError) as caught:
                incoming.accept()
            refused.append(caught.value)

        # The look at what is due, then the first of some transactions
        after_transaction(beat, 2, accept)
        expire_batches(beat, world.clock(), KEEP)
        assert [error.code for error in refused] == ["batch_lost"]
        with world.engine.connect() as connection:
            for table in (batches, batch_lines, jobs):
                assert connection.execute(select(func.count()).select_from(table)).scalar() == 0

    def test_stays_when_it_came_just_before_the_removal(self, world, new_engine) -> None:
        incoming = world.coming_in(1)
        world.clock.step(31 * 60)
        beat = new_engine()
        accepted: list[bool] = []
        after_transaction(beat, 1, lambda: accepted.append(incoming.accept()))
        expire_batches(beat, world.clock(), KEEP)
        incoming.discard()
        assert accepted == [True]
        batch = world.batch(incoming.id)
        assert (batch.counts.total, batch.finished_at) == (1, None)

    def test_locks_no_row_that_admission_writes_to(self, world, new_engine) -> None:
        """Everybody waits for admission, and it writes to the rows of callers."""
        incoming = world.coming_in(2)
        other = new_engine()
        served = update(callers).where(callers.c.id == world.alice)

        def admit() -> None:
            if other.dialect.name == "postgresql":  # SQLite has one writer anyway
                with other.begin() as connection:
                    connection.exec_driver_sql("SET LOCAL lock_timeout = '1s'")
                    connection.execute(served.values(served_at=world.clock()))

        with before_statement(world.engine, "UPDATE jobs SET", admit):
            assert incoming.accept()

    def test_sets_all_times_to_start_by_in_few_statements(self, world) -> None:
        incoming = world.coming_in(1200, start_within_seconds=60)
        executed: list[int] = []

        @event.listens_for(world.engine, "before_cursor_execute")
        def note(*call) -> None:
            parameters, many = call[3], call[5]
            executed.append(len(parameters) if many else 1)

        assert incoming.accept()
        assert 3 < sum(executed) < 15
        with world.engine.connect() as connection:
            [start_by] = connection.execute(select(jobs.c.start_by).distinct()).scalars()
        assert (start_by - world.clock()).total_seconds() == pytest.approx(60, abs=0.01)


class TestRetryFailed:
    def test_of_a_job_that_is_deleted_meanwhile_is_whole(self, world, new_engine) -> None:
        """The new job has the document of the old one, however late that is deleted."""
        batch_id, ids = world.accepted(2)
        for job_id in ids:
            world.fail(world.claimed(job_id))
        incoming = Incoming(
            world.engine, world.clock, world.alice, lines_per_hour=1000, retry_of=batch_id
        )
        caller = World(new_engine(), world.clock, world.alice)
        deleting = threading.Thread(target=caller.jobs.delete, args=(world.alice, ids[0]))

        def delete_one() -> None:
            deleting.start()
            deleting.join(0.5)

        with before_statement(world.engine, "INSERT INTO job_documents", delete_one):
            copy_failed(world.engine, world.batch(batch_id), incoming)
        assert incoming.accept()
        deleting.join()
        made = world.jobs.list(world.alice, JobFilter(batch_id=incoming.id)).items
        assert len(made) == 2
        for job in made:
            world.succeed(world.claimed(job.id))
        assert world.batch(incoming.id).status is BatchStatus.FINISHED

    def test_a_job_without_a_document_fails_instead_of_waiting_for_ever(self, world) -> None:
        batch_id, [job_id] = world.accepted(1)
        with world.engine.begin() as connection:
            connection.execute(delete(job_documents))
        assert world.begin(job_id) is None
        job = world.job(job_id)
        assert job.status is JobStatus.FAILED
        assert job.error is not None
        assert job.error.code == ErrorCode.INTERNAL_ERROR
        assert world.batch(batch_id).status is BatchStatus.FINISHED
