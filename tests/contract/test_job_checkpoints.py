"""What a stage made is not made again: not by the next attempt, nor by a retry of the job."""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from backbone.checkout import checkout_cache
from common import clock
from common.artifacts import ArtifactStore
from common.callers import CallerStore
from common.document.limits import DocumentLimits
from common.errors import TransientError
from common.jobs.claims import JobClaims
from common.jobs.job import Job, JobStatus, Stage
from common.jobs.new_job import NewJob
from common.jobs.recovery import recover
from common.jobs.retention import Retention
from common.jobs.retry import read_retry
from common.jobs.store import JobStore
from tests.contract.conftest import NOTES
from workers.checkpoints import Checkpoints, fingerprint
from workers.job_run import JobRun, Pipeline
from workers.pipeline import Outcome, Progress, run_pipeline
from workers.report import CheckResult, Report, read_report, write_report
from workers.report import Outcome as CheckOutcome
from workers.sandbox.sandbox import Sandbox, open_sandbox

KEEP = Retention(jobs=timedelta(days=7), artifacts=timedelta(days=3))
PRINT = fingerprint(Stage.VERIFY, "anything")
CHECK = CheckResult("compile", CheckOutcome.PASSED, None, 0.1, None, "", ("a", "b"))
REPORT = Report("full", (CHECK,), ("rlimits",), ("compiled only",))
DONE = Outcome({"a": "b"}, REPORT, b"zip")


class Bench:
    """A worker on a real store, and jobs for it."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        self.caller = CallerStore(engine, clock.now).ensure("local").id
        self.store = JobStore(engine, clock.now)
        self.artifacts = ArtifactStore(folder.as_uri())

    def submit(self, document: object = None, **more: Any) -> str:
        return self.store.submit(NewJob(self.caller, document or {"n": 1}, **more)).job.id

    def retry(self, job_id: str) -> str:
        return self.store.submit(read_retry(self.store, self.caller, job_id)).job.id

    def run(self, job_id: str, pipeline: Pipeline) -> Job:
        JobRun(
            claims=JobClaims(self.engine, clock.now, retention=KEEP, lease_seconds=15),
            artifacts=self.artifacts,
            pipeline=pipeline,
            worker="host:1",
            lease_seconds=15,
            timeout_seconds=60,
            stage_timeout_seconds=60,
            max_attempts=1,
            stuck=lambda: None,
        ).run(job_id)
        return self.store.get(self.caller, job_id)

    def kept(self, job_id: str) -> list[str]:
        folder = self.folder / "jobs" / job_id / "checkpoints"
        return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def bench(engine: Engine, tmp_path: Path) -> Bench:
    return Bench(engine, tmp_path / "artifacts")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox(checkout_cache()) as opened:
        yield opened


def keeping(end: Callable[[], None]) -> Pipeline:
    """A pipeline that keeps what its stage made, and then ends like this."""

    def pipeline(
        _document: object, progress: Progress, checkpoints: Checkpoints, _m: object
    ) -> Outcome:
        progress.stage(Stage.VERIFY)
        assert checkpoints.find(Stage.VERIFY, PRINT) is None
        checkpoints.keep(Stage.VERIFY, PRINT, b"what it made")
        end()
        return DONE

    return pipeline


def stop() -> None:
    raise SystemExit(0)


def fail() -> None:
    raise TransientError("storage_unavailable", "full")


class Finding:
    """A pipeline that looks for what was kept, and succeeds."""

    def __init__(self) -> None:
        self.found: list[bytes | None] = []

    def __call__(
        self, _d: object, progress: Progress, checkpoints: Checkpoints, _m: object
    ) -> Outcome:
        progress.stage(Stage.VERIFY)
        self.found.append(checkpoints.find(Stage.VERIFY, PRINT))
        other = fingerprint(Stage.VERIFY, "something else")
        assert checkpoints.find(Stage.VERIFY, other) is None
        assert checkpoints.find(Stage.IMPLEMENT, PRINT) is None
        return DONE


def test_the_next_attempt_goes_on_from_there(bench: Bench) -> None:
    job_id = bench.submit()
    with pytest.raises(SystemExit):
        bench.run(job_id, keeping(stop))
    assert bench.kept(job_id) == [f"verify-{PRINT}"]
    again = Finding()
    job = bench.run(job_id, again)
    assert again.found == [b"what it made"]
    assert (job.status, job.attempt_count) == (JobStatus.SUCCEEDED, 2)
    assert bench.kept(job_id) == []


_KILLED = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
from common import clock
from common.artifacts import ArtifactStore
from common.db.engine import make_engine
from common.jobs.claims import JobClaims
from common.jobs.job import Stage
from common.jobs.retention import Retention
from workers.job_run import JobRun

url, folder, job_id, kept = sys.argv[1:]

def pipeline(document, progress, checkpoints, model):
    progress.stage(Stage.VERIFY)
    checkpoints.keep(Stage.VERIFY, kept, b"what it made")
    os.kill(os.getpid(), signal.SIGKILL)

keep = Retention(timedelta(days=1), timedelta(days=1))
JobRun(
    claims=JobClaims(make_engine(url), clock.now, retention=keep, lease_seconds=15),
    artifacts=ArtifactStore(Path(folder).as_uri()),
    pipeline=pipeline,
    worker="host:2",
    lease_seconds=15,
    timeout_seconds=60,
    stage_timeout_seconds=60,
    max_attempts=3,
    stuck=lambda: None,
).run(job_id)
"""


def test_so_it_does_when_the_worker_was_killed(bench: Bench, database_url: str) -> None:
    job_id = bench.submit()
    arguments = [database_url, str(bench.folder), job_id, PRINT]
    killed = subprocess.run([sys.executable, "-c", _KILLED, *arguments], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert bench.store.get(bench.caller, job_id).status is JobStatus.RUNNING
    assert recover(bench.engine, clock.now() + timedelta(seconds=16), max_attempts=3) == 1
    again = Finding()
    job = bench.run(job_id, again)
    assert again.found == [b"what it made"]
    assert [each.outcome for each in job.attempts] == ["worker_lost", "succeeded"]


def test_a_retry_goes_on_from_there_and_so_does_its_retry(bench: Bench) -> None:
    first = bench.submit()
    assert bench.run(first, keeping(fail)).status is JobStatus.FAILED
    second = bench.retry(first)

    def fails_again(
        _d: object, progress: Progress, checkpoints: Checkpoints, _m: object
    ) -> Outcome:
        progress.stage(Stage.VERIFY)
        assert checkpoints.find(Stage.VERIFY, PRINT) == b"what it made"
        raise TransientError("storage_unavailable", "full")

    assert bench.run(second, fails_again).status is JobStatus.FAILED
    bench.artifacts.delete(f"jobs/{first}")
    bench.store.delete(bench.caller, first)
    third, again = bench.retry(second), Finding()
    assert bench.run(third, again).status is JobStatus.SUCCEEDED
    assert again.found == [b"what it made"]
    assert (bench.kept(second), bench.kept(third)) == ([f"verify-{PRINT}"], [])


def test_another_job_finds_nothing(bench: Bench) -> None:
    assert bench.run(bench.submit(), keeping(fail)).status is JobStatus.FAILED
    again = Finding()
    bench.run(bench.submit(), again)
    assert again.found == [None]


def test_what_was_taken_over_says_nothing_of_how_long_it_takes(bench: Bench) -> None:
    job_id = bench.submit()
    with pytest.raises(SystemExit):
        bench.run(job_id, keeping(stop))
    bench.run(job_id, Finding())
    with bench.engine.connect() as connection:
        [spent] = connection.exec_driver_sql("SELECT stage_seconds FROM jobs").scalars()
    assert (json.loads(spent) if isinstance(spent, str) else spent) == {}


def test_a_store_that_fails_costs_nothing_but_a_line_in_the_log(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    job_id = bench.submit()
    in_the_way = bench.folder / "jobs" / job_id / "checkpoints"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("in the way")
    with caplog.at_level(logging.WARNING):
        job = bench.run(job_id, keeping(lambda: None))
    assert job.status is JobStatus.SUCCEEDED
    assert "checkpoint.not_kept" in caplog.text
    assert job_id in [vars(record).get("job_id") for record in caplog.records]


def test_fingerprints_differ_by_stage_and_by_every_input() -> None:
    inputs: list[tuple[Any, ...]] = [("a",), ("b",), ("a", "b"), (["a", "b"],), ({"a": "b"},), ()]
    prints = {fingerprint(stage, *each) for stage in Stage for each in inputs}
    assert len(prints) == len(Stage) * len(inputs)
    assert fingerprint(Stage.PLAN, {"a": 1, "b": 2}) == fingerprint(Stage.PLAN, {"b": 2, "a": 1})


def test_a_report_is_read_as_it_was_written() -> None:
    assert read_report(write_report(REPORT)) == REPORT


@pytest.mark.parametrize(
    "written",
    [b"", b"{}", b"[]", b"null", b'{"level": "x", "checks": [{}]}', b'{"checks": 7}', b"\xff"],
    ids=repr,
)
def test_what_is_no_report_is_refused(written: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        read_report(written)


class TestOurPipeline:
    """With the real stages: proving is what takes long today."""

    @pytest.fixture
    def document(self, notes: dict[str, Any]) -> dict[str, Any]:
        return notes | {"run": {"verify": "fast"}}

    @pytest.fixture
    def stopping_at(self, sandbox: Sandbox) -> Callable[[Stage | None], Pipeline]:
        """Our stages; the process is told to stop when it comes to this one."""

        def make(last: Stage | None) -> Pipeline:
            def pipeline(
                raw: object, progress: Progress, checkpoints: Checkpoints, _m: object
            ) -> Outcome:
                def begin(stage: Stage) -> None:
                    progress.stage(stage)
                    if stage is last:
                        raise SystemExit(0)

                return run_pipeline(
                    raw,
                    limits=DocumentLimits(),
                    sandbox=sandbox,
                    progress=Progress(begin, progress.step, progress.cancelled),
                    checkpoints=checkpoints,
                )

            return pipeline

        return make

    def stored_report(self, bench: Bench, job_id: str) -> Report:
        output = bench.store.get_output(bench.caller, job_id)
        return read_report(bench.artifacts.get(f"{output.key}/report.json"))

    def test_does_not_prove_twice(
        self, bench: Bench, document: dict[str, Any], stopping_at: Any
    ) -> None:
        job_id = bench.submit(document)
        with pytest.raises(SystemExit):
            bench.run(job_id, stopping_at(Stage.PACKAGE))
        [name] = bench.kept(job_id)
        kept = read_report(bench.artifacts.get(f"jobs/{job_id}/checkpoints/{name}"))
        job = bench.run(job_id, stopping_at(None))
        assert job.status is JobStatus.SUCCEEDED
        # To the millisecond: nobody ran these checks another time
        assert self.stored_report(bench, job_id).checks == kept.checks
        assert bench.kept(job_id) == []

    def test_takes_over_nothing_that_failed(
        self, bench: Bench, document: dict[str, Any], stopping_at: Any
    ) -> None:
        failed = Report(
            "fast",
            (CheckResult("types", CheckOutcome.FAILED, None, 1.0, "no", "no"),),
            ("rlimits",),
        )
        job_id = bench.submit(document)
        with pytest.raises(SystemExit):
            bench.run(job_id, stopping_at(Stage.PACKAGE))
        [name] = bench.kept(job_id)
        bench.artifacts.put(f"jobs/{job_id}/checkpoints/{name}", write_report(failed))
        assert bench.run(job_id, stopping_at(None)).status is JobStatus.SUCCEEDED

    def test_keeps_nothing_that_failed(self, bench: Bench, stopping_at: Any) -> None:
        document = NOTES | {
            "db_type": "mssql",
            "run": {"verify": "fast", "require_engine": "mssql"},
        }
        job = bench.run(bench.submit(document), stopping_at(None))
        assert job.error is not None
        assert job.error.code == "verification_failed"
        assert bench.kept(job.id) == []

    def test_keeps_nothing_where_nothing_is_proven(self, bench: Bench, stopping_at: Any) -> None:
        job_id = bench.submit(NOTES | {"run": {"verify": "none"}})
        with pytest.raises(SystemExit):
            bench.run(job_id, stopping_at(Stage.PACKAGE))
        assert bench.kept(job_id) == []
