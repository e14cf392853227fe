"""Jobs of two callers in two worker processes share a quota: it is kept, and all get through."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from common import clock
from common.callers import CallerStore
from common.db.tables import jobs, llm_calls
from common.jobs.new_job import NewJob
from common.jobs.store import JobStore

QUOTA, QUESTIONS = 30, 10
_WORKER = """
import json, queue, sys, threading, time
from datetime import timedelta
from pathlib import Path
from common import clock
from common.artifacts import ArtifactStore
from common.db.engine import make_engine
from common.jobs.admission import Admission
from common.jobs.claims import JobClaims
from common.jobs.job import Stage
from common.jobs.retention import Retention
from common.llm.answers import Finish
from common.settings import Settings
from workers.job_run import JobRun
from workers.llm.model import Message, Question
from workers.llm.models import Models
from workers.llm.provider import Reply
from workers.pipeline import Outcome
from workers.report import Report

url, folder, quota, questions, name = sys.argv[1:]
settings = Settings(
    _env_file=None,
    default_llm_provider="openai",
    openai_api_key="k" * 32,
    llm_calls_per_hour=1000,
    llm_cost_usd_per_hour="unlimited",
    llm_total_cost_usd_per_hour="unlimited",
    llm_total_calls_per_hour=quota,
)
engine, sent, made = make_engine(url), queue.Queue(), []

class Provider:
    def call(self, choice, question, cancelled):
        time.sleep(0.01)
        made.append(clock.now().isoformat())
        return Reply("yes", Finish.ANSWERED, 10, 10)

def pipeline(document, progress, checkpoints, model):
    progress.stage(Stage.DESIGN)
    for number in range(int(questions)):
        text = f"{document['n']} {number}"
        model.ask(Question(Stage.DESIGN, "design-1", (Message("user", text),)))
    return Outcome({}, Report("none", (), (), ()), b"zip")

keep = Retention(timedelta(days=9), timedelta(days=9))
job_run = JobRun(
    claims=JobClaims(engine, clock.now, retention=keep, lease_seconds=10**6),
    artifacts=ArtifactStore(Path(folder).as_uri()),
    pipeline=pipeline,
    worker=name,
    lease_seconds=10**6,
    timeout_seconds=600,
    stage_timeout_seconds=600,
    max_attempts=3,
    stuck=lambda: None,
    model_for=Models(settings, engine, clock.now, provider=Provider()).of_claim,
)
admission = Admission(
    engine, clock.now, lambda job_id, _: sent.put(job_id), slots=8, max_attempts=3,
    max_running_per_caller=20, resend_after_seconds=10**6,
)

def work():
    while True:
        job_id = sent.get()
        if job_id is None:
            return
        job_run.run(job_id)

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
print("ready", flush=True)
over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), over.set()), daemon=True).start()
while not over.wait(0.05):
    admission.admit()
for thread in threads:
    sent.put(None)
for thread in threads:
    thread.join()
print(json.dumps(made))
"""


@pytest.mark.long
def test_a_quota_is_kept_and_every_job_gets_through(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    """80 calls of 8 jobs at 30 an hour, on a clock that runs a minute for every 50 ms."""
    store = JobStore(engine, clock.now)
    callers = [CallerStore(engine, clock.now).ensure(name).id for name in ("alice", "bob")]
    # Alice has all hers there before bob comes
    submitted = store.submit_all([NewJob(each, {"n": n}) for each in callers for n in range(4)])
    moved = tmp_path / "clock"
    moved.write_text("0")
    command = [sys.executable, "-c", _WORKER, database_url, str(tmp_path), str(QUOTA)]
    processes = [
        subprocess.Popen(
            [*command, str(QUESTIONS), name],
            env={"PATH": os.environ["PATH"], clock.MOVED_BY: str(moved)},
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    statuses = _move_until_done(engine, moved)
    made: list[datetime] = []
    for process in processes:
        output, _ = process.communicate("stop\n", timeout=60)
        made += [datetime.fromisoformat(each) for each in json.loads(output)]
    assert set(statuses) == {"succeeded"}
    made.sort()
    assert len(made) == len(submitted) * QUESTIONS  # nothing was bought twice
    hour = timedelta(hours=1)
    for moment in made:
        assert len([each for each in made if moment - hour < each <= moment]) <= QUOTA
    assert made[-1] - made[0] >= 2 * hour  # 80 calls at 30 an hour
    assert made[-1] - made[0] < 4 * hour  # and nobody waited for nothing
    _look_at_turns(engine, callers)


def _move_until_done(engine: Engine, moved: Path) -> list[str]:
    until, ahead = clock.monotonic() + 120, 0
    while True:
        with engine.connect() as connection:
            statuses = list(connection.execute(select(jobs.c.status)).scalars())
        if not {"queued", "running", "deferred"} & set(statuses):
            return statuses
        assert clock.monotonic() < until, statuses
        ahead += 60
        written = moved.with_suffix(".writing")
        written.write_text(str(ahead))
        written.replace(moved)
        time.sleep(0.05)


def _look_at_turns(engine: Engine, callers: list[str]) -> None:
    """At no moment has one got more than the calls of two jobs ahead of the other."""
    with engine.connect() as connection:
        rows = connection.execute(
            select(llm_calls.c.caller_id, llm_calls.c.reserved_at).order_by(llm_calls.c.reserved_at)
        ).all()
    lead = [0]
    for row in rows:
        lead.append(lead[-1] + (1 if row.caller_id == callers[0] else -1))
    assert -QUESTIONS * 2 <= min(lead) <= max(lead) <= QUESTIONS * 2
