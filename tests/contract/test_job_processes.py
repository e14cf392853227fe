"""Several processes at once: what each sends, claims and wishes for gets in no other's way."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from common import clock
from common.callers import CallerStore
from common.db.tables import jobs
from common.jobs.job import JobStatus
from common.jobs.new_job import NewJob
from common.jobs.store import JobStore

_BUSY_PROCESS = """
import json, sys
from datetime import timedelta
from common import clock
from common.db.engine import make_engine
from common.db.migrate import migrate
from common.callers import CallerStore
from common.jobs.admission import Admission
from common.jobs.claims import Findings, JobClaims
from common.jobs.job import ArtifactFacts
from common.jobs.new_job import NewJob, Wish
from common.jobs.retention import Retention
from common.jobs.store import JobStore

url, name = sys.argv[1:]
engine = make_engine(url)
migrate(engine)
caller = CallerStore(engine, clock.now).ensure("local").id
store = JobStore(engine, clock.now)
keep = Retention(timedelta(days=1), timedelta(days=1))
claims = JobClaims(engine, clock.now, retention=keep, lease_seconds=60)
sent = []
admission = Admission(
    engine,
    clock.now,
    lambda job_id, _: sent.append(job_id),
    slots=5,
    max_attempts=3,
    max_running_per_caller=20,
)
print("ready", flush=True)
sys.stdin.readline()
created, claimed = 0, []
for number in range(25):
    created += store.submit(NewJob(caller, {}, wish=Wish(str(number), "x"))).created
    admission.admit()
    for job_id in {*sent}:
        claim = claims.claim(job_id, name)
        if claim is not None:
            claims.succeed(claim, ArtifactFacts(1, 1, "x"), Findings("jobs/x/1"))
            claimed.append(job_id)
    sent.clear()
print(json.dumps({"created": created, "claimed": claimed}))
"""


def test_four_processes_at_once_lose_and_double_nothing(engine: Engine, database_url: str) -> None:
    """Each wishes for the same 25 jobs, sends, claims and finishes, all from the first instant."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _BUSY_PROCESS, database_url, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    outcomes = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        output, _ = process.communicate(timeout=240)
        assert process.returncode == 0
        outcomes.append(json.loads(output))
    assert sum(outcome["created"] for outcome in outcomes) == 25
    claimed = [job_id for outcome in outcomes for job_id in outcome["claimed"]]
    assert len(claimed) == len(set(claimed))
    counts = JobStore(engine, clock.now).count_by_status()
    assert counts[JobStatus.SUCCEEDED] == len(claimed)
    assert sum(counts.values()) == 25


_ADMITTING_PROCESS = """
import json, sys
from common import clock
from common.db.engine import make_engine
from common.jobs.admission import Admission

engine = make_engine(sys.argv[1])
sent = []
admission = Admission(
    engine,
    clock.now,
    lambda job_id, _: sent.append(job_id),
    slots=30,
    max_attempts=3,
    max_running_per_caller=40,
)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(10):
    admission.admit()
print(json.dumps(sent))
"""


def test_two_beats_and_several_workers_send_each_job_once(
    engine: Engine, database_url: str
) -> None:
    """All of them admit from the first instant, again and again: no job is sent twice."""
    callers = [CallerStore(engine, clock.now).ensure(name).id for name in ("alice", "bob")]
    store = JobStore(engine, clock.now)
    for caller in callers:
        store.submit_all([NewJob(caller, {}) for _ in range(50)])
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _ADMITTING_PROCESS, database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    sent = []
    for process in processes:
        output, _ = process.communicate(timeout=240)
        assert process.returncode == 0
        sent += json.loads(output)
    assert len(sent) == len(set(sent)) == 60  # twice the places
    with engine.connect() as connection:
        marked = connection.execute(
            select(jobs.c.caller_id, func.count())
            .where(jobs.c.sent_at.is_not(None))
            .group_by(jobs.c.caller_id)
        ).all()
    assert {row[0]: row[1] for row in marked} == dict.fromkeys(callers, 30)


_DEAF_PROCESS = """
import os, signal, sys, time
from datetime import timedelta
from common import clock
from common.artifacts import ArtifactStore
from common.db.engine import make_engine
from common.jobs.claims import JobClaims
from common.jobs.retention import Retention
from workers.job_run import JobRun

url, folder, job_id, timeout_seconds = sys.argv[1:]

def deaf(*_):
    print("running", flush=True)
    while True:
        time.sleep(60)

keep = Retention(timedelta(days=1), timedelta(days=1))
JobRun(
    claims=JobClaims(make_engine(url), clock.now, retention=keep, lease_seconds=3600),
    artifacts=ArtifactStore(folder),
    pipeline=deaf,
    worker="w",
    lease_seconds=3600,
    timeout_seconds=float(timeout_seconds),
    stage_timeout_seconds=3600,
    max_attempts=3,
    stuck=lambda: os.kill(os.getpid(), signal.SIGKILL),
    stuck_after_seconds=0.5,
).run(job_id)
"""


@pytest.mark.parametrize("ends", [JobStatus.CANCELLED, JobStatus.FAILED])
def test_work_that_ignores_a_stop_is_recorded_and_its_process_killed(
    engine: Engine, database_url: str, tmp_path: Path, ends: JobStatus
) -> None:
    """At once, without waiting for a lease to run out; whether cancelled or out of time."""
    caller = CallerStore(engine, clock.now).ensure("local").id
    store = JobStore(engine, clock.now)
    job_id = store.submit(NewJob(caller, {})).job.id
    seconds = "3600" if ends is JobStatus.CANCELLED else "0.5"
    arguments = [database_url, (tmp_path / "artifacts").as_uri(), job_id, seconds]
    process = subprocess.Popen(
        [sys.executable, "-c", _DEAF_PROCESS, *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        if ends is JobStatus.CANCELLED:
            store.request_cancel(caller, job_id)
        process.communicate(timeout=120)  # a lease lasts longer, and so does a stage
    finally:
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert store.get(caller, job_id).status is ends
