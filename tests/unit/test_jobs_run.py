"""One attempt at a job, with a pipeline that does what the test says, on a real store."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from common import clock
from common.artifacts import ArtifactStore
from common.callers import CallerStore
from common.db.engine import make_engine
from common.db.migrate import migrate
from common.db.tables import jobs
from common.errors import Fault, GenerationError, RequestError, TransientError
from common.jobs.claim import Claim
from common.jobs.claims import JobClaims
from common.jobs.codes import ErrorCode
from common.jobs.job import Job, JobStatus, Stage
from common.jobs.new_job import NewJob
from common.jobs.recovery import recover
from common.jobs.retention import Retention
from common.jobs.retry import read_retry
from common.jobs.store import JobStore
from workers.checkpoints import Checkpoints, rounds_before
from workers.heartbeat import LOOK_EVERY_SECONDS, TELL_EVERY_SECONDS, Pulse
from workers.job_run import JobRun, Pipeline
from workers.pipeline import Outcome, Progress, StoppedError, UnfinishedError
from workers.report import CheckResult, Report
from workers.report import Outcome as CheckOutcome

KEEP = Retention(jobs=timedelta(days=7), artifacts=timedelta(days=3))
PASSED = CheckResult("compile", CheckOutcome.PASSED, None, 0.1, None, "")
FAILED = CheckResult("tests", CheckOutcome.FAILED, "sqlite", 0.1, "1 of 9 failed", "E   assert")
SKIPPED = CheckResult("types", CheckOutcome.SKIPPED, None, 0.0, "not asked for", "")


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr(zipfile.ZipInfo("app/main.py"), "x = 1\n")
    return buffer.getvalue()


def outcome(*checks: CheckResult, warnings: tuple[str, ...] = ()) -> Outcome:
    report = Report("full", checks, ("rlimits",), warnings)
    return Outcome({"app/main.py": "x = 1\n"}, report, archive())


@dataclass
class Rig:
    """A worker with one job to run, and what the test makes of its pipeline."""

    engine: Engine
    folder: Path
    lease_seconds: float = 15
    timeout_seconds: float = 600
    stage_timeout_seconds: float = 600
    stuck_after_seconds: float = 600
    stuck: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        migrate(self.engine)
        self.caller = CallerStore(self.engine, clock.now).ensure("local").id
        self.store = JobStore(self.engine, clock.now)
        self.artifacts = ArtifactStore(self.folder.as_uri())
        self.claims = JobClaims(
            self.engine, clock.now, retention=KEEP, lease_seconds=self.lease_seconds
        )

    def submit(self, **more: Any) -> str:
        return self.store.submit(NewJob(self.caller, {"n": 1}, **more)).job.id

    def run(self, job_id: str, pipeline: Pipeline) -> Job:
        self.worker(job_id, pipeline).run(job_id)
        return self.store.get(self.caller, job_id)

    def worker(self, job_id: str, pipeline: Pipeline) -> JobRun:
        return JobRun(
            claims=self.claims,
            artifacts=self.artifacts,
            pipeline=pipeline,
            worker="host:1",
            lease_seconds=self.lease_seconds,
            timeout_seconds=self.timeout_seconds,
            stage_timeout_seconds=self.stage_timeout_seconds,
            max_attempts=2,
            stuck=lambda: self.stuck.append(job_id),
            stuck_after_seconds=self.stuck_after_seconds,
        )


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    engine = make_engine(f"sqlite:///{tmp_path / 'backbone.db'}")
    yield Rig(engine, tmp_path / "artifacts")
    engine.dispose()


@dataclass
class Time:
    """What the work and the thread beside it take for the time; it passes when the test says so."""

    seconds: float = 0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def passes(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    for module in ("heartbeat", "stage_clock"):
        monkeypatch.setattr(f"workers.{module}.monotonic", lambda: made.seconds)
    return made


def until(condition: Callable[[], bool], within_seconds: float = 60) -> bool:
    """Work that goes on until it is told to stop, or for too long."""
    deadline = clock.monotonic() + within_seconds
    while clock.monotonic() < deadline:
        if condition():
            return True
        threading.Event().wait(0.01)
    return False


def stop_when_told(progress: Progress) -> Outcome:
    progress.stage(Stage.VERIFY)
    assert until(progress.cancelled)
    raise StoppedError("told to")


class TestSuccess:
    def test_is_recorded_with_what_was_made(self, rig: Rig) -> None:
        def pipeline(document: object, progress: Progress, _c: Checkpoints, _m: object) -> Outcome:
            assert document == {"n": 1}
            progress.stage(Stage.VERIFY)
            progress.step(2, 2)
            return outcome(PASSED, SKIPPED, warnings=("compiled only",))

        job = rig.run(rig.submit(), pipeline)
        assert job.status is JobStatus.SUCCEEDED
        assert job.artifact is not None
        assert job.artifact.file_count == 2
        assert job.verification is not None
        assert (job.verification.passed, job.verification.skipped) == (1, 1)
        assert [warning["message"] for warning in job.warnings] == ["compiled only"]
        output = rig.store.get_output(rig.caller, job.id)
        assert output.key == f"jobs/{job.id}/1"
        stored = rig.artifacts.get(f"{output.key}/project.zip")
        assert (len(stored), stored) == (job.artifact.size_bytes, archive())
        report = json.loads(rig.artifacts.get(f"{output.key}/report.json"))
        assert [check["name"] for check in report["checks"]] == ["compile", "types"]

    def test_is_said_only_after_the_files_are_stored(self, rig: Rig) -> None:
        job_id = rig.submit()
        before: list[tuple[bool, JobStatus]] = []

        def note(_c: Any, _cur: Any, statement: str, parameters: Any, *_: Any) -> None:
            if statement.startswith("UPDATE jobs") and "succeeded" in str(parameters):
                stored = (rig.folder / f"jobs/{job_id}/1/project.zip").exists()
                before.append((stored, rig.store.get(rig.caller, job_id).status))

        event.listen(rig.engine, "before_cursor_execute", note)
        rig.run(job_id, lambda *_: outcome(PASSED))
        assert before == [(True, JobStatus.RUNNING)]

    def test_keeps_the_warnings_of_the_submission(self, rig: Rig) -> None:
        job_id = rig.submit(warnings=[Fault("/description", "cut", "It was cut.")])
        job = rig.run(job_id, lambda *_: outcome(PASSED, warnings=("compiled only",)))
        assert [warning["code"] for warning in job.warnings] == ["cut", "verification"]


class TestFailure:
    def test_of_a_check_keeps_files_and_report(self, rig: Rig) -> None:
        job = rig.run(rig.submit(), lambda *_: outcome(PASSED, FAILED))
        assert job.status is JobStatus.FAILED
        assert job.error is not None
        assert (job.error.code, job.error.stage) == ("verification_failed", Stage.VERIFY)
        assert job.error.message == "Not proven: tests: 1 of 9 failed"
        assert not job.error.retryable
        assert job.artifact is None
        output = rig.store.get_output(rig.caller, job.id)
        assert rig.artifacts.get(f"{output.key}/project.zip") == archive()

    @pytest.mark.parametrize(("named", "stage"), [(None, Stage.PLAN), ("render", Stage.RENDER)])
    def test_of_the_job_is_recorded_as_it_was_named(
        self, rig: Rig, named: str | None, stage: Stage
    ) -> None:
        def pipeline(_document: object, progress: Progress, _c: Checkpoints, _m: object) -> Outcome:
            progress.stage(Stage.PLAN)
            raise GenerationError("no_such_engine", "There is none.", stage=named)

        job = rig.run(rig.submit(), pipeline)
        assert job.error is not None
        assert (job.error.code, job.error.stage) == ("no_such_engine", stage)
        assert not job.error.retryable

    def test_that_is_a_bug_tells_the_log_and_nobody_else(
        self, rig: Rig, caplog: pytest.LogCaptureFixture
    ) -> None:
        def pipeline(_document: object, progress: Progress, _c: Checkpoints, _m: object) -> Outcome:
            progress.stage(Stage.RENDER)
            raise ZeroDivisionError("secret of the house")

        job = rig.run(rig.submit(), pipeline)
        assert job.error is not None
        assert (job.error.code, job.error.stage) == ("internal_error", Stage.RENDER)
        assert job.error.retryable
        assert "secret" not in repr(job)
        assert "secret of the house" in caplog.text
        assert "Traceback" in caplog.text

    def test_of_the_world_is_tried_again_and_then_recorded(self, rig: Rig) -> None:
        def pipeline(
            _document: object, _progress: Progress, _c: Checkpoints, _m: object
        ) -> Outcome:
            raise TransientError("sandbox_lost", "No sandbox.", retry_after_seconds=0)

        job_id = rig.submit()
        first = rig.run(job_id, pipeline)
        assert (first.status, first.deferred_reason) == (
            JobStatus.DEFERRED,
            "sandbox_lost",
        )
        recover(rig.engine, clock.now(), max_attempts=2)
        second = rig.run(job_id, pipeline)
        assert second.error is not None
        assert (second.status, second.error.code) == (JobStatus.FAILED, "sandbox_lost")

    def test_to_store_is_one_of_the_world(self, rig: Rig) -> None:
        job_id = rig.submit()
        rig.folder.joinpath("jobs").write_text("in the way")
        job = rig.run(job_id, lambda *_: outcome(PASSED))
        assert (job.status, job.deferred_reason) == (JobStatus.DEFERRED, "storage_unavailable")


class TestDatabaseAway:
    @pytest.fixture
    def away(self, rig: Rig) -> Iterator[threading.Event]:
        """While it is set, whatever is written fails."""
        gone = threading.Event()

        def fail(_connection: Any) -> None:
            if gone.is_set():
                raise TransientError("database_unavailable", "away")

        event.listen(rig.engine, "begin", fail)
        yield gone
        event.remove(rig.engine, "begin", fail)

    def test_for_a_moment_costs_nothing(self, rig: Rig, away: threading.Event) -> None:
        rig = replace(rig, lease_seconds=600)

        def pipeline(_document: object, progress: Progress, _c: Checkpoints, _m: object) -> Outcome:
            away.set()
            progress.stage(Stage.PLAN)
            progress.step(1, 1)
            threading.Timer(0.7, away.clear).start()
            return outcome(PASSED)

        job = rig.run(rig.submit(), pipeline)
        assert (job.status, job.attempt_count) == (JobStatus.SUCCEEDED, 1)

    def test_for_longer_than_the_lease_leaves_the_job_to_others(
        self, rig: Rig, away: threading.Event, caplog: pytest.LogCaptureFixture
    ) -> None:
        rig = replace(rig, lease_seconds=0.6)
        job_id = rig.submit()

        def pipeline(
            _document: object, _progress: Progress, _c: Checkpoints, _m: object
        ) -> Outcome:
            away.set()
            return outcome(PASSED)

        rig.worker(job_id, pipeline).run(job_id)
        assert "lease.lost" in caplog.text
        away.clear()
        recover(rig.engine, clock.now(), max_attempts=3)
        job = rig.run(job_id, lambda *_: outcome(PASSED))
        assert (job.status, job.attempt_count) == (JobStatus.SUCCEEDED, 2)


class TestStopping:
    def test_a_cancel_is_heard_at_the_next_look(self, rig: Rig) -> None:
        assert TELL_EVERY_SECONDS <= LOOK_EVERY_SECONDS <= 0.5
        job_id = rig.submit()
        looks: list[bool] = []
        told: list[bool] = []
        asked_after: list[int] = []

        class Watched(JobClaims):
            def cancel_requested(self, claim: Claim) -> bool:
                looks.append(super().cancel_requested(claim))
                return looks[-1]

        rig.claims = Watched(rig.engine, clock.now, retention=KEEP, lease_seconds=15)

        def pipeline(_document: object, progress: Progress, _c: Checkpoints, _m: object) -> Outcome:
            assert until(lambda: bool(looks))
            rig.store.request_cancel(rig.caller, job_id)
            asked_after.append(len(looks))
            told.append(until(progress.cancelled))
            raise StoppedError("told to")

        job = rig.run(job_id, pipeline)
        assert job.status is JobStatus.CANCELLED
        assert job.attempts[0].outcome == "cancelled"
        assert told == [True]
        assert True in looks[: asked_after[0] + 2]  # one may have been on its way

    @pytest.mark.parametrize("end", [lambda: outcome(PASSED), lambda: outcome(FAILED), sys.exit])
    def test_a_cancel_that_comes_too_late_to_be_heard_counts(
        self, rig: Rig, end: Callable[[], Outcome]
    ) -> None:
        job_id = rig.submit()

        def pipeline(*_: object) -> Outcome:
            rig.store.request_cancel(rig.caller, job_id)
            return end()

        with contextlib.suppress(SystemExit):
            rig.run(job_id, pipeline)
        job = rig.store.get(rig.caller, job_id)
        assert (job.status, job.artifact, job.error) == (JobStatus.CANCELLED, None, None)
        assert not [path for path in rig.folder.rglob("*") if path.is_file()]

    @pytest.mark.parametrize(
        ("own", "wanted", "limit"),
        [
            (1, None, "JOB_TIMEOUT_SECONDS"),
            (60, 1, "run.timeout_seconds"),
            (1, 60, "JOB_TIMEOUT_SECONDS"),
        ],
    )
    def test_time_that_is_up_fails_the_job(
        self, rig: Rig, own: float, wanted: int | None, limit: str
    ) -> None:
        rig = replace(rig, timeout_seconds=own)
        job = rig.run(
            rig.submit(timeout_seconds=wanted), lambda _d, progress, *_: stop_when_told(progress)
        )
        assert job.error is not None
        assert (job.error.code, job.error.stage) == ("timed_out", Stage.VERIFY)
        assert job.error.message == f"It took longer than 1 s ({limit})."
        assert job.error.retryable

    def test_a_stage_has_a_limit_of_its_own(self, rig: Rig, time: Time) -> None:
        rig = replace(rig, stage_timeout_seconds=0.5)

        def pipeline(_document: object, progress: Progress, _c: Checkpoints, _m: object) -> Outcome:
            for stage in (Stage.PLAN, Stage.RENDER):  # longer than the limit, but not each
                progress.stage(stage)
                time.passes(0.35)
                assert not progress.cancelled()
            progress.stage(Stage.VERIFY)
            time.passes(0.55)
            assert progress.cancelled()
            raise StoppedError("told to")

        job = rig.run(rig.submit(), pipeline)
        assert job.error is not None
        assert (job.error.code, job.error.stage) == ("timed_out", Stage.VERIFY)
        assert (
            job.error.message == "The stage verify took longer than 0.5 s (STAGE_TIMEOUT_SECONDS)."
        )
        assert job.error.retryable

    def test_a_lost_lease_leaves_the_job_to_its_new_owner(self, rig: Rig) -> None:
        job_id = rig.submit()

        def pipeline(_document: object, progress: Progress, _c: Checkpoints, _m: object) -> Outcome:
            recover(rig.engine, clock.now() + timedelta(minutes=1), max_attempts=3)
            assert rig.claims.claim(job_id, "other") is not None
            return stop_when_told(progress)

        job = rig.run(job_id, pipeline)
        assert (job.status, job.attempt_count) == (JobStatus.RUNNING, 2)

    def test_a_result_that_comes_too_late_is_thrown_away(self, rig: Rig) -> None:
        job_id = rig.submit()

        def pipeline(
            _document: object, _progress: Progress, _c: Checkpoints, _m: object
        ) -> Outcome:
            recover(rig.engine, clock.now() + timedelta(minutes=1), max_attempts=3)
            winner = rig.run(job_id, lambda *_: outcome(PASSED))
            assert winner.status is JobStatus.SUCCEEDED
            return outcome(PASSED, FAILED)

        job = rig.run(job_id, pipeline)
        assert job.status is JobStatus.SUCCEEDED
        assert rig.store.get_output(rig.caller, job_id).key == f"jobs/{job_id}/2"

    def test_a_worker_that_is_told_to_stop_gives_the_job_back(self, rig: Rig) -> None:
        job_id = rig.submit()

        def pipeline(
            _document: object, _progress: Progress, _c: Checkpoints, _m: object
        ) -> Outcome:
            raise SystemExit(0)

        with pytest.raises(SystemExit):
            rig.run(job_id, pipeline)
        job = rig.store.get(rig.caller, job_id)
        assert job.status is JobStatus.QUEUED
        assert job.attempts[0].outcome == "worker_stopped"
        assert rig.run(job_id, lambda *_: outcome(PASSED)).status is JobStatus.SUCCEEDED

    @pytest.mark.parametrize("told", [1, 2])
    def test_one_that_is_told_to_stop_in_the_midst_of_a_write_knows_what_was_written(
        self, rig: Rig, told: int
    ) -> None:
        """The signal comes after the commit of the claim, or of the end, and before its return."""
        commits: list[str] = []

        def stop(job_id: str) -> None:
            commits.append(job_id)
            if len(commits) == told:
                raise SystemExit(0)

        rig.claims = JobClaims(rig.engine, clock.now, retention=KEEP, lease_seconds=15, tell=stop)
        job_id = rig.submit()
        with pytest.raises(SystemExit):
            rig.run(job_id, lambda *_: outcome(PASSED))
        job = rig.store.get(rig.caller, job_id)
        after = [(JobStatus.QUEUED, "worker_stopped"), (JobStatus.SUCCEEDED, "succeeded")]
        assert (job.status, job.attempts[0].outcome) == after[told - 1]

    @pytest.mark.parametrize(
        ("limits", "said"),
        [
            ({"timeout_seconds": 0.1}, "It took longer than 0.1 s (JOB_TIMEOUT_SECONDS)."),
            (
                {"stage_timeout_seconds": 0.1},
                "The stage render took longer than 0.1 s (STAGE_TIMEOUT_SECONDS).",
            ),
        ],
        ids=["job", "stage"],
    )
    def test_work_that_does_not_stop_ends_its_process(
        self, rig: Rig, time: Time, limits: dict[str, float], said: str
    ) -> None:
        rig = replace(rig, stuck_after_seconds=0.2, **limits)

        def stuck() -> bool:
            time.passes(0.15)
            return bool(rig.stuck)

        def pipeline(_document: object, progress: Progress, _c: Checkpoints, _m: object) -> Outcome:
            progress.stage(Stage.RENDER)
            assert until(stuck)
            return outcome(PASSED)

        job = rig.run(rig.submit(), pipeline)
        assert job.error is not None
        assert (job.error.code, job.error.message) == ("timed_out", said)
        assert job.error.stage is Stage.RENDER
        assert set(rig.stuck) == {job.id}

    def test_one_who_lost_the_job_takes_away_what_it_stored(self, rig: Rig) -> None:
        """A frozen worker that wakes up, at every point from which it could still write."""
        job_id = rig.submit()

        def pipeline(
            _document: object, _progress: Progress, checkpoints: Checkpoints, _m: object
        ) -> Outcome:
            recover(rig.engine, clock.now() + timedelta(minutes=1), max_attempts=3)
            rig.run(job_id, lambda *_: outcome(PASSED))
            rig.artifacts.delete(f"jobs/{job_id}")
            rig.store.delete(rig.caller, job_id)
            checkpoints.keep(Stage.VERIFY, "f" * 64, b"{}")
            return outcome(PASSED)

        with pytest.raises(RequestError):
            rig.run(job_id, pipeline)
        assert [path for path in rig.folder.rglob("*") if path.is_file()] == []

    @pytest.mark.parametrize("second", [PASSED, FAILED], ids=["succeeds", "fails"])
    def test_one_who_ends_the_job_takes_away_what_others_had_stored(
        self, rig: Rig, second: Any
    ) -> None:
        """Those who were killed, or told to stop, with everything stored and nothing said."""
        job_id = rig.submit()

        class Stopped(JobClaims):
            def succeed(self, *_arguments: Any) -> JobStatus:
                raise SystemExit(0)

        rig.claims = Stopped(rig.engine, clock.now, retention=KEEP, lease_seconds=15)
        with pytest.raises(SystemExit):
            rig.run(job_id, lambda *_: outcome(PASSED))
        assert rig.artifacts.get(f"jobs/{job_id}/1/project.zip") == archive()
        rig.claims = JobClaims(rig.engine, clock.now, retention=KEEP, lease_seconds=15)
        rig.run(job_id, lambda *_: outcome(second))
        assert [path.name for path in (rig.folder / "jobs" / job_id).iterdir()] == ["2"]

    def test_what_it_stored_stays_if_the_job_says_so(self, rig: Rig) -> None:
        """The commit that ended the job came through, and its confirmation got lost."""
        job_id = rig.submit()
        lost: list[str] = []

        class Losing(JobClaims):
            def succeed(self, *arguments: Any) -> JobStatus:
                super().succeed(*arguments)
                lost.append("the confirmation")
                raise TransientError("database_unavailable", "away")

        rig.claims = Losing(rig.engine, clock.now, retention=KEEP, lease_seconds=15)
        job = rig.run(job_id, lambda *_: outcome(PASSED))
        assert len(lost) == 1
        assert job.status is JobStatus.SUCCEEDED
        key = rig.store.get_output(rig.caller, job_id).key
        assert rig.artifacts.get(f"{key}/project.zip") == archive()


class TestLease:
    def test_is_renewed_while_the_work_goes_on(self, rig: Rig, time: Time) -> None:
        renewed: list[float] = []

        class Renewing(JobClaims):
            def renew(self, claim: Claim) -> None:
                super().renew(claim)
                renewed.append(time.seconds)

        rig.claims = Renewing(rig.engine, time.now, retention=KEEP, lease_seconds=15)

        def pipeline(_document: object, progress: Progress, _c: Checkpoints, _m: object) -> Outcome:
            for count in range(1, 5):  # longer than the lease, but not each
                time.passes(5.1)
                assert until(lambda count=count: len(renewed) == count)
                assert recover(rig.engine, time.now(), max_attempts=3) == 0
                assert not progress.cancelled()
            return outcome(PASSED)

        assert rig.run(rig.submit(), pipeline).status is JobStatus.SUCCEEDED

    def test_is_nothing_that_is_looked_after_once_the_work_has_ended(self, rig: Rig) -> None:
        looks: list[str] = []

        class Watched(JobClaims):
            def cancel_requested(self, claim: Claim) -> bool:
                looks.append(claim.job.id)
                return super().cancel_requested(claim)

        rig.claims = Watched(rig.engine, clock.now, retention=KEEP, lease_seconds=15)

        def pipeline(*_: object) -> Outcome:
            assert until(lambda: bool(looks))
            return outcome(PASSED)

        rig.run(rig.submit(), pipeline)
        before = len(looks)
        threading.Event().wait(1)
        assert len(looks) == before

    def test_is_looked_after_again_however_long_after_the_last_one(self, rig: Rig) -> None:
        """Whoever runs one job after the other has one thread beside them, while there are any."""
        pulse = Pulse(idle_seconds=0.1)
        worker = replace(rig.worker("", lambda *_: outcome(PASSED)), pulse=pulse)
        worker.run(rig.submit())
        assert until(lambda: pulse._thread is None)
        job_id = rig.submit()

        def pipeline(_document: object, progress: Progress, _c: Checkpoints, _m: object) -> Outcome:
            rig.store.request_cancel(rig.caller, job_id)
            return stop_when_told(progress)

        replace(worker, pipeline=pipeline).run(job_id)
        assert rig.store.get(rig.caller, job_id).status is JobStatus.CANCELLED


class ByHand(Pulse):
    """Beats when it is told to."""

    beat: Callable[[], None]

    def begin(self, beat: Callable[[], None]) -> None:
        self.beat = beat

    def end(self, beat: Callable[[], None]) -> None:
        pass


class TestProgress:
    def test_is_told_often_enough_and_no_more(self, rig: Rig) -> None:
        job_id = rig.submit()

        def seen(*expected: object) -> bool:
            job = rig.store.get(rig.caller, job_id)
            return (job.stage, job.progress_done, job.progress_total) == expected

        def pipeline(_document: object, progress: Progress, _c: Checkpoints, _m: object) -> Outcome:
            progress.stage(Stage.VERIFY)
            began_at, claimed = clock.monotonic(), rig.store.get(rig.caller, job_id).revision
            for done in range(200):
                progress.step(done, 200)
                threading.Event().wait(0.003)
            told = rig.store.get(rig.caller, job_id).revision - claimed
            # However long that took
            assert told <= (clock.monotonic() - began_at) / TELL_EVERY_SECONDS + 1
            progress.step(200, 200)
            assert until(lambda: seen(Stage.VERIFY, 200, 200))
            return outcome(PASSED)

        assert rig.run(job_id, pipeline).status is JobStatus.SUCCEEDED

    @pytest.mark.usefixtures("time")  # none passes
    def test_what_is_over_at_once_is_told_to_nobody(self, rig: Rig) -> None:
        """Two writes: that it was claimed, and that it has ended."""
        pulse = ByHand()

        def pipeline(_document: object, progress: Progress, _c: Checkpoints, _m: object) -> Outcome:
            for stage in (Stage.PLAN, Stage.RENDER, Stage.VERIFY, Stage.PACKAGE):
                progress.stage(stage)
                progress.step(1, 1)
                pulse.beat()
            return outcome(PASSED)

        job_id = rig.submit()
        commits: list[object] = []
        event.listen(rig.engine, "commit", commits.append)
        replace(rig.worker(job_id, pipeline), pulse=pulse).run(job_id)
        told = len(commits)
        job = rig.store.get(rig.caller, job_id)
        assert (job.status, job.revision) == (JobStatus.SUCCEEDED, 3)
        assert told == 2

    def test_times_of_the_stages_are_kept(self, rig: Rig, time: Time) -> None:
        rig.claims = JobClaims(rig.engine, time.now, retention=KEEP, lease_seconds=15)
        seen: list[Any] = []
        began_at: list[datetime] = []

        def times(job_id: str) -> Any:
            columns = (jobs.c.stage, jobs.c.stage_seconds, jobs.c.stage_started_at)
            with rig.engine.connect() as connection:
                return connection.execute(select(*columns).where(jobs.c.id == job_id)).one()

        def pipeline(_document: object, progress: Progress, _c: Checkpoints, _m: object) -> Outcome:
            progress.stage(Stage.PLAN)
            time.passes(2)
            progress.stage(Stage.VERIFY)
            began_at.append(time.now())
            time.passes(3)
            assert until(lambda: times(job_id).stage == "verify")
            seen.append(times(job_id))
            time.passes(4)
            return outcome(PASSED)

        job_id = rig.submit()
        rig.run(job_id, pipeline)
        assert seen[0].stage_started_at == began_at[0]
        assert seen[0].stage_seconds == {"plan": 2}
        final = times(job_id)
        assert (final.stage_seconds, final.stage_started_at) == ({"plan": 2, "verify": 7}, None)


@dataclass
class Unfinished:
    """A pipeline that fails with a part of the project, and notes how often jobs did so before."""

    code: ErrorCode
    rounds: list[int] = field(default_factory=list)

    def __call__(
        self, _d: object, progress: Progress, checkpoints: Checkpoints, _m: object
    ) -> Outcome:
        progress.stage(Stage.IMPLEMENT)
        self.rounds.append(rounds_before(checkpoints, Stage.IMPLEMENT))
        error = GenerationError(self.code, "It does not do.", stage="implement", retryable=True)
        raise UnfinishedError(error, outcome())


def test_what_was_made_of_a_job_that_failed_is_there(rig: Rig) -> None:
    job_id = rig.submit()
    job = rig.run(job_id, Unfinished(ErrorCode.OPERATION_UNPROVEN))
    assert job.status is JobStatus.FAILED
    assert job.error is not None
    assert (job.error.code, job.error.stage) == (ErrorCode.OPERATION_UNPROVEN, Stage.IMPLEMENT)
    assert job.error.retryable
    assert (job.verification, job.artifact) == (None, None)
    key = rig.store.get_output(rig.caller, job_id).key
    assert rig.artifacts.get(f"{key}/project.zip") == archive()
    assert json.loads(rig.artifacts.get(f"{key}/report.json"))["checks"] == []


@pytest.mark.parametrize(
    ("code", "rounds"),
    [(ErrorCode.OPERATION_UNPROVEN, [0, 1, 2]), (ErrorCode.LLM_COST_LIMIT, [0, 0, 0])],
)
def test_a_retry_knows_how_often_a_model_was_asked_in_vain(
    rig: Rig, code: ErrorCode, rounds: list[int]
) -> None:
    pipeline = Unfinished(code)
    job_id = rig.submit()
    for _ in rounds:
        rig.run(job_id, pipeline)
        job_id = rig.store.submit(read_retry(rig.store, rig.caller, job_id)).job.id
    assert pipeline.rounds == rounds


@pytest.mark.parametrize("job_id", ["job_01m84r2bpxptkgp46j6m66kp7n", "nonsense"])
def test_a_message_without_a_job_does_nothing(rig: Rig, job_id: str) -> None:
    ran: list[datetime] = []
    rig.artifacts.ping()
    JobRun(
        claims=rig.claims,
        artifacts=rig.artifacts,
        pipeline=lambda *_: ran.append(clock.now()),  # type: ignore[arg-type,return-value] # never called
        worker="w",
        lease_seconds=15,
        timeout_seconds=60,
        stage_timeout_seconds=60,
        max_attempts=2,
        stuck=lambda: None,
    ).run(job_id)
    assert ran == []
