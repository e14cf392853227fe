"""Whatever happens, in whatever order: no job is lost, doubled, or moved where it may not go."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, select

from common.batches.following import follow_all
from common.batches.incoming import Incoming
from common.batches.lines import NewLine
from common.batches.store import BatchStore
from common.callers import CallerStore
from common.db.engine import make_engine
from common.db.migrate import migrate
from common.db.tables import batches, jobs
from common.errors import RequestError, TransientError
from common.jobs.admission import Admission, forget_sent
from common.jobs.claim import LeaseLostError
from common.jobs.claims import Claim, Findings, JobClaims
from common.jobs.expiry import expire
from common.jobs.job import FINISHED, ArtifactFacts, Job, JobError, JobStatus, Stage
from common.jobs.lanes import Lane
from common.jobs.new_job import JobFilter, NewJob, Wish
from common.jobs.retention import Retention
from common.jobs.states import MOVES
from common.jobs.store import JobStore

LEASE = 15.0
MAX_ATTEMPTS = 3
MOST = 3
KEEP = Retention(jobs=timedelta(hours=2), artifacts=timedelta(hours=1))
AWAY = TransientError("storage_unavailable", "away", retry_after_seconds=5)
NUMBER = st.integers(0, 9)
BROKEN = JobError("verification_failed", "no", Stage.VERIFY, retryable=False)

Fresh = Callable[[Path], Engine]
"""Opens an empty database; the folder is the history's own"""


class Jobs(RuleBasedStateMachine):
    """Callers, workers, admission and the clock, as rules; claims may be used long after."""

    claims = Bundle("claims")
    fresh: Fresh
    """Opens a database with nothing in it; migrating one takes longer than a history"""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.engine = type(self).fresh(self.folder)
        callers = CallerStore(self.engine, self.clock)
        self.moments: set[int] = set()
        self.callers = []
        for name in ("alice", "bob"):
            self.a_new_moment()
            self.callers.append(callers.ensure(name).id)
        self.store = JobStore(self.engine, self.clock)
        self.batches = BatchStore(self.engine, self.clock)
        self.worker = JobClaims(self.engine, self.clock, retention=KEEP, lease_seconds=LEASE)
        self.sent: list[str] = []
        self.queue_away = False
        self.admission = Admission(
            self.engine,
            self.clock,
            self.send,
            slots=1,
            max_attempts=MAX_ATTEMPTS,
            max_running_per_caller=MOST,
        )
        self.known: dict[str, Job] = {}
        self.gone: set[str] = set()
        self.asked: set[str] = set()
        """Jobs whose cancel was answered while they were not over"""
        self.members: dict[str, list[str]] = {}
        """The jobs of each batch"""
        self.wished: dict[str, str] = {}
        self.submit(0, None)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            try:
                self.all_that_is_left_is_run()
            finally:
                self.engine.dispose()
                shutil.rmtree(self.folder)

    def all_that_is_left_is_run(self) -> None:
        """Nothing that was accepted is forgotten: admission sends it, sooner or later."""
        self.queue_away = False
        self.release()
        for _ in range(10 * len(self.known)):
            self.now += timedelta(minutes=11)  # past every lease, delay and lost message
            self.admit()
            self.every_job_is_where_it_may_be()
            while self.sent:
                claim = self.worker.claim(self.sent.pop(0), "last")
                self.every_job_is_where_it_may_be()
                if claim is not None:
                    self.worker.succeed(claim, ArtifactFacts(1, 1, "x"), Findings("jobs/x/1"))
            self.every_job_is_where_it_may_be()
            if not self.those(set(JobStatus) - FINISHED):
                return
        raise AssertionError([self.known[each] for each in self.those(set(JobStatus) - FINISHED)])

    def clock(self) -> datetime:
        return self.now

    def a_new_moment(self) -> None:
        """Ids of one millisecond sort by chance, and a history has to happen again as it did."""
        self.now += timedelta(milliseconds=1)
        while (moment := int(self.now.timestamp() * 1000)) in self.moments:
            self.now += timedelta(milliseconds=1)
        self.moments.add(moment)

    def send(self, job_id: str, _lane: Lane) -> None:
        if self.queue_away:
            raise TransientError("queue_unavailable", "away")
        self.sent.append(job_id)

    # What callers do

    @rule(who=st.integers(0, 1), within=st.none() | st.integers(1, 60))
    def submit(self, who: int, within: int | None) -> None:
        self.a_new_moment()
        job = self.store.submit(
            NewJob(self.callers[who], {"n": 1}, start_within_seconds=within)
        ).job
        self.known[job.id] = job

    @rule(who=st.integers(0, 1), count=st.integers(1, 5))
    def submit_batch(self, who: int, count: int) -> None:
        self.a_new_moment()
        caller = self.callers[who]
        incoming = Incoming(self.engine, self.clock, caller, lines_per_hour=100_000)
        incoming.add(
            [
                NewLine(number, f"line-{number}", NewJob(caller, {"n": number}), bytes([number]))
                for number in range(count)
            ]
        )
        assert incoming.accept()
        made = self.store.list(caller, JobFilter(batch_id=incoming.id)).items
        assert len(made) == count
        self.members[incoming.id] = [job.id for job in made]
        self.known |= {job.id: job for job in reversed(made)}

    @precondition(lambda self: self.members)
    @rule(number=NUMBER, wish=st.sampled_from(["pause", "resume"]))
    def pause_or_resume(self, number: int, wish: str) -> None:
        batch_id, caller = self.a_batch(number)
        over = self.batches.get(caller, batch_id)
        if over.finished or over.cancel_requested_at is not None:
            with pytest.raises(RequestError):
                getattr(self.batches, wish)(caller, batch_id)
        else:
            getattr(self.batches, wish)(caller, batch_id)

    @precondition(lambda self: self.members)
    @rule(number=NUMBER)
    def cancel_batch(self, number: int) -> None:
        batch_id, caller = self.a_batch(number)
        left = [each for each in self.members[batch_id] if self.goes_on(each)]
        self.batches.request_cancel(caller, batch_id)
        self.asked |= {*left}

    @rule()
    def follow_all(self) -> None:
        follow_all(self.engine, self.clock)

    def release(self) -> None:
        for number in range(len(self.members)):
            batch_id, caller = self.a_batch(number)
            with contextlib.suppress(RequestError):  # it is over, or cancelled
                self.batches.resume(caller, batch_id)

    def a_batch(self, number: int) -> tuple[str, str]:
        """One of them, and its caller."""
        batch_id = list(self.members)[number % len(self.members)]
        return batch_id, self.known[self.members[batch_id][0]].caller_id

    def goes_on(self, job_id: str) -> bool:
        return job_id not in self.gone and self.known[job_id].status not in FINISHED

    @rule(key=st.sampled_from("ab"), body=st.sampled_from("xy"))
    def wish(self, key: str, body: str) -> None:
        self.a_new_moment()
        new = NewJob(self.callers[0], {}, wish=Wish(key, body))
        earlier = self.wished.get(key)
        if earlier is None or earlier.partition(" ")[0] in self.gone:
            job = self.store.submit(new).job
            assert job.id not in self.known
            self.known[job.id] = job
            self.wished[key] = f"{job.id} {body}"
            return
        job_id, _, first_body = earlier.partition(" ")
        if body == first_body:
            submitted = self.store.submit(new)
            assert (submitted.job.id, submitted.created) == (job_id, False)
        else:
            with pytest.raises(RequestError, match="used before"):
                self.store.submit(new)

    @precondition(lambda self: self.those(set(JobStatus)))
    @rule(number=NUMBER)
    def cancel(self, number: int) -> None:
        job_id = self.one_of(set(JobStatus), number)
        before = self.known[job_id]
        after = self.store.request_cancel(before.caller_id, job_id)
        if before.status in FINISHED:
            assert after == before
            return
        assert after.cancel_requested_at is not None
        running = before.status is JobStatus.RUNNING
        assert after.status is (JobStatus.RUNNING if running else JobStatus.CANCELLED)
        self.asked.add(job_id)

    @precondition(lambda self: self.those(set(JobStatus)))
    @rule(number=NUMBER)
    def delete(self, number: int) -> None:
        job_id = self.one_of(set(JobStatus), number)
        caller = self.known[job_id].caller_id
        if self.known[job_id].status is JobStatus.RUNNING:
            with pytest.raises(RequestError, match="running"):
                self.store.delete(caller, job_id)
        else:
            self.store.delete(caller, job_id)
            self.gone.add(job_id)

    # What workers do

    @precondition(lambda self: self.those({JobStatus.QUEUED}))
    @rule(target=claims, number=NUMBER)
    def claim(self, number: int) -> Any:
        """A message arrives; whether it was sent, or how often, makes no difference."""
        job_id = self.one_of({JobStatus.QUEUED}, number)
        claim = self.worker.claim(job_id, "w")
        if claim is None:  # too late to start, or held
            return multiple()
        assert self.lane_of(job_id) is not Lane.HELD
        assert claim.fence == self.known[job_id].attempt_count + 1
        return claim

    @precondition(lambda self: self.sent)
    @rule(target=claims, number=NUMBER, fate=st.sampled_from(["once", "twice", "lost", "late"]))
    def deliver(self, number: int, fate: str) -> Any:
        """A message that was sent, as messages go."""
        job_id = self.sent[number % len(self.sent)]
        if fate != "late":
            self.sent.remove(job_id)
        if fate == "lost":
            return multiple()
        claim = self.worker.claim(job_id, "w")
        if fate == "twice":
            assert self.worker.claim(job_id, "v") is None
        return multiple() if claim is None else claim

    @rule(target=claims, who=st.integers(0, 1))
    def submit_and_claim(self, who: int) -> Any:
        """So that most histories have something running in them."""
        self.submit(who, None)
        return self.worker.claim(list(self.known)[-1], "w")

    @precondition(lambda self: self.those(set(JobStatus) - {JobStatus.QUEUED}))
    @rule(number=NUMBER)
    def claim_what_is_not_queued(self, number: int) -> None:
        job_id = self.one_of(set(JobStatus) - {JobStatus.QUEUED}, number)
        assert self.worker.claim(job_id, "w") is None

    @rule(claim=claims)
    def renew(self, claim: Claim) -> None:
        self.write(claim, lambda: self.worker.renew(claim))

    @rule(claim=claims)
    def report(self, claim: Claim) -> None:
        self.write(claim, lambda: self.worker.set_stage(claim, Stage.VERIFY))

    @rule(claim=consumes(claims))
    def succeed(self, claim: Claim) -> None:
        findings = Findings(output_key=f"jobs/{claim.job.id}/{claim.fence}")
        facts = ArtifactFacts(1, 1, "x")
        self.write(claim, lambda: self.worker.succeed(claim, facts, findings))

    @rule(claim=claims)
    def fail(self, claim: Claim) -> None:
        self.write(claim, lambda: self.worker.fail(claim, BROKEN))

    @rule(claim=claims)
    def hinder(self, claim: Claim) -> None:
        self.write(
            claim,
            lambda: self.worker.try_again(claim, AWAY, stage=None, max_attempts=MAX_ATTEMPTS),
        )

    @rule(claim=claims)
    def give_back(self, claim: Claim) -> None:
        self.write(claim, lambda: self.worker.give_back(claim))

    @rule(claim=claims)
    def stop(self, claim: Claim) -> None:
        self.write(claim, lambda: self.worker.cancel(claim))

    @rule(target=claims, claim=claims)
    def another_takes_over(self, claim: Claim) -> Any:
        """The worker falls silent; its claim may still be used, by later rules."""
        self.now += timedelta(seconds=LEASE)
        self.queue_away = False
        self.every_job_is_where_it_may_be()
        self.admission.admit()
        again = self.worker.claim(claim.job.id, "v")
        return multiple() if again is None else again

    # What the world does

    @rule(only_next=st.booleans())
    def admit(self, only_next: bool = False) -> None:
        before = {job_id for job_id, *_ in self.under_way()}
        try:
            self.admission.send_next() if only_next else self.admission.admit()
        except TransientError:
            assert self.queue_away
        after = self.under_way()
        new = [each for each in after if each[0] not in before]
        count = Counter(caller for _, caller, _ in after)
        assert all(count[caller] <= MOST for _, caller, _ in new)
        if Lane.BATCH in {lane for *_, lane in new}:  # then no single job could have gone instead
            with self.engine.connect() as connection:
                left = connection.exec_driver_sql(
                    "SELECT caller_id FROM jobs WHERE status = 'queued' AND lane = 0"
                    " AND sent_at IS NULL"
                ).scalars()
                assert all(count[caller] >= MOST for caller in left)

    @rule(away=st.booleans())
    def break_or_mend_the_queue(self, away: bool) -> None:
        self.queue_away = away

    @rule()
    def start_a_worker(self) -> None:
        forget_sent(self.engine)

    @rule(seconds=st.sampled_from([0.001, 1, 5, 14, 15, 60, 3600]))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(seconds=st.sampled_from([0.5, 30]))
    def the_clock_jumps_back(self, seconds: float) -> None:
        self.now -= timedelta(seconds=seconds)

    @rule()
    def expire(self) -> None:
        before = {job_id: job for job_id, job in self.known.items() if job_id not in self.gone}
        expire(self.engine, self.now, KEEP, lambda _: None)
        for job_id, job in before.items():
            if self.store.find(job.caller_id, job_id) is None:
                assert job.finished_at is not None
                assert job.finished_at + KEEP.jobs <= self.now
                self.gone.add(job_id)

    # What always holds

    @invariant()
    def every_job_is_where_it_may_be(self) -> None:
        for job_id, before in getattr(self, "known", {}).items():
            after = self.store.find(before.caller_id, job_id)
            if job_id in self.gone:
                assert after is None
                continue
            assert after is not None, "an accepted job was lost"
            self.compare(before, after)
            if job_id in self.asked:
                assert after.status in {JobStatus.RUNNING, JobStatus.CANCELLED}
            self.known[job_id] = after

    def compare(self, before: Job, after: Job) -> None:
        assert after.revision >= before.revision
        if after.revision == before.revision:
            assert after == before
        if after.status is not before.status:
            path = {(before.status, after.status)}
            # One step of the machine may be two of the job: given back, then failed or claimed.
            allowed = after.status in MOVES[before.status] or (
                JobStatus.QUEUED in MOVES[before.status] and after.status in MOVES[JobStatus.QUEUED]
            )
            assert allowed, path
        if before.status in FINISHED:
            assert after.status is before.status
            assert after.attempts == before.attempts
        assert after.attempt_count == len(after.attempts) >= before.attempt_count
        assert (after.status in FINISHED) == (after.finished_at is not None)
        assert (after.status is JobStatus.DEFERRED) == (after.deferred_until is not None)
        assert (after.artifact is not None) == (after.status is JobStatus.SUCCEEDED)
        open_attempts = [each for each in after.attempts if each.ended_at is None]
        assert len(open_attempts) == (1 if after.status is JobStatus.RUNNING else 0)

    @invariant()
    def every_batch_counts_its_jobs(self) -> None:
        self.every_job_is_where_it_may_be()
        for batch_id, row in self.batch_rows().items():
            ended = [each for each in self.members[batch_id] if not self.goes_on(each)]
            # One that was deleted before it had ended counts as cancelled
            counts = Counter(
                status if status in FINISHED else JobStatus.CANCELLED
                for status in (self.known[each].status for each in ended)
            )
            assert row.finished_count == len(ended)
            assert (row.succeeded_count, row.failed_count, row.cancelled_count) == (
                counts[JobStatus.SUCCEEDED],
                counts[JobStatus.FAILED],
                counts[JobStatus.CANCELLED],
            )
            assert (row.finished_at is not None) == (len(ended) == len(self.members[batch_id]))

    def batch_rows(self) -> dict[str, Any]:
        if not getattr(self, "members", {}):
            return {}
        with self.engine.connect() as connection:
            return {row.id: row for row in connection.execute(select(batches))}

    @invariant()
    def every_revision_is_an_event(self) -> None:
        if not hasattr(self, "engine"):
            return
        with self.engine.connect() as connection:
            odd = connection.exec_driver_sql(
                "SELECT jobs.id, jobs.revision, count(*), max(job_events.revision) FROM jobs"
                " LEFT JOIN job_events ON job_id = jobs.id GROUP BY jobs.id, jobs.revision"
                " HAVING count(*) <> jobs.revision OR max(job_events.revision) <> jobs.revision"
            ).all()
        assert odd == []

    @invariant()
    def few_are_sent_and_none_of_them_runs(self) -> None:
        if not hasattr(self, "engine"):
            return
        with self.engine.connect() as connection:
            odd = connection.exec_driver_sql(
                "SELECT status FROM jobs WHERE (sent_at IS NOT NULL AND status != 'queued')"
                " OR ((lease_expires_at IS NOT NULL) != (status = 'running'))"
                " OR (start_by IS NOT NULL AND status != 'queued')"
                " OR ((deferred_until IS NOT NULL) != (status = 'deferred'))"
            ).all()
            sent = connection.exec_driver_sql(
                "SELECT lane, count(*) FROM jobs WHERE sent_at IS NOT NULL GROUP BY lane"
            ).all()
        assert odd == []
        assert dict(map(tuple, sent)).get(Lane.INTERACTIVE, 0) <= 2

    def under_way(self) -> list[tuple[str, str, Lane]]:
        """What is sent or runs: job, caller and lane; what is held does not count as sent."""
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql(
                "SELECT id, caller_id, lane FROM jobs"
                " WHERE (sent_at IS NOT NULL AND lane <> 2) OR lease_expires_at IS NOT NULL"
            ).all()
        return [(row[0], row[1], Lane(row[2])) for row in found]

    def lane_of(self, job_id: str) -> Lane:
        with self.engine.connect() as connection:
            statement = select(jobs.c.lane).where(jobs.c.id == job_id)
            return Lane(connection.execute(statement).scalar_one())

    def row(self, job_id: str) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()

    def those(self, statuses: set[JobStatus]) -> list[str]:
        return [
            job_id
            for job_id, job in self.known.items()
            if job_id not in self.gone and job.status in statuses
        ]

    def one_of(self, statuses: set[JobStatus], number: int) -> str:
        """Chosen by number: ids are random, and a failure has to be found again."""
        those = self.those(statuses)
        return those[number % len(those)]

    def write(self, claim: Claim, step: Callable[[], object]) -> None:
        """A write succeeds exactly if the claim is the job's current one."""
        job = self.known[claim.job.id]
        current = (
            claim.job.id not in self.gone
            and job.status is JobStatus.RUNNING
            and job.attempt_count == claim.fence
        )
        before = self.row(claim.job.id)
        try:
            step()
        except LeaseLostError:
            assert not current
            assert self.row(claim.job.id) == before
        else:
            assert current


def machine_of(fresh: Fresh) -> type[Jobs]:
    """The machine, with what opens an empty database for every history."""
    return type("Jobs", (Jobs,), {"fresh": staticmethod(fresh)})


def machine_in(folder: Path) -> type[Jobs]:
    """The machine on SQLite, with a database in `folder` that is copied for every history."""
    path = folder / "backbone.db"
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()

    def fresh(own: Path) -> Engine:
        shutil.copy(path, own / "backbone.db")
        return make_engine(f"sqlite:///{own / 'backbone.db'}")

    return machine_of(fresh)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> type[Jobs]:
    return machine_in(tmp_path_factory.mktemp("migrated"))


def survive(machine: type[Jobs], *, examples: int, steps: int) -> None:
    """Run so many histories of at most so many steps."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_jobs_survive_everything(machine: type[Jobs]) -> None:
    survive(machine, examples=10, steps=50)


def test_left_alone_every_job_ends(machine: type[Jobs]) -> None:
    """After any history in which workers come and go, time and admission finish everything."""
    history = machine()
    history.begin()
    try:
        for who in (0, 1, 0):
            history.submit(who, None)
        for _ in range(40):
            history.admit()
            for job_id in [history.sent.pop() for _ in range(len(history.sent))]:
                history.worker.claim(job_id, "w")  # and die
            history.time_passes(60)
        history.every_job_is_where_it_may_be()
        assert {job.status for job in history.known.values()} == {JobStatus.FAILED}
        for job in history.known.values():
            assert job.error is not None
            assert job.error.code == "worker_lost"
            assert [each.outcome for each in job.attempts] == ["worker_lost"] * MAX_ATTEMPTS
        counts = [
            len(history.store.list(caller, JobFilter(status=JobStatus.FAILED)).items)
            for caller in history.callers
        ]
        assert counts == [3, 1]
    finally:
        history.teardown()
