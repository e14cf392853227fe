"""What the platform adds to a job, against Celery as it comes, in turn in the same run.

Stages that cost nothing stand in for the real ones; everything around them is real: the API,
durable commits, admission, the worker, the artifact and its report on the disk. All sides use the
same Valkey, one after the other. Beside tasks that do nothing there are, to see what is ours and
what is the disk, some that keep the same files and a row by the shortest way; and taskiq's that do
nothing, if it is there (`.venv/bin/python -m pip install taskiq taskiq-redis`, or with uv).
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench.documents import document
from bench.http import _process, _uvicorn, _valkey, environment_for, free_port
from bench.polls import measure_polls
from bench.queues import (
    ENOUGH_SECONDS,
    Bare,
    Taskiq,
    celery_worker,
    cpu_seconds,
    drain_bare,
    drain_durable,
    drain_taskiq,
)

SINGLE = 150
MANY = 200
ROUNDS = 3


def _percentile(seconds: list[float], percent: int) -> float:
    return statistics.quantiles(seconds, n=100)[percent - 1]


class _Ours:
    """The platform in a folder."""

    def __init__(self, folder: Path, redis_url: str) -> None:
        folder.mkdir()
        self.environment, self.key = environment_for(folder, redis_url)
        self.environment["REMAP_SIGTERM"] = "SIGQUIT"
        self.database = folder / "backbone.db"

    @contextmanager
    def worker(self, processes: int) -> Iterator[int]:
        environment = self.environment | {"WORKER_PROCESSES": str(processes)}
        with celery_worker("bench.job_worker", processes, environment) as process_id:
            yield process_id

    def record(self, count: int) -> None:
        """Have jobs wait, as if they had been submitted while nothing ran."""
        from pydantic import SecretStr

        from common import clock
        from common.callers import CallerStore
        from common.db.engine import make_engine
        from common.db.migrate import migrate
        from common.jobs.new_job import NewJob
        from common.jobs.store import JobStore
        from common.queue import ADMIT_JOBS, make_celery
        from common.settings import Settings

        engine = make_engine(f"sqlite:///{self.database}")
        migrate(engine)
        caller = CallerStore(engine, clock.now).ensure("bench").id
        news = [NewJob(caller, document(1), project_name="bench") for _ in range(count)]
        JobStore(engine, clock.now).submit_all(news)
        engine.dispose()
        url = SecretStr(self.environment["REDIS_URL"])
        make_celery(Settings(celery_broker_url=url)).send_task(ADMIT_JOBS)  # what beat would do

    def ask(self, question: str) -> Any:  # noqa: ANN401 - a row
        connection = sqlite3.connect(self.database, timeout=10)
        try:
            return connection.execute(question).fetchone()
        finally:
            connection.close()

    def wait(self, question: str, enough: int) -> None:
        deadline = time.monotonic() + ENOUGH_SECONDS
        while self.ask(question)[0] < enough:
            assert time.monotonic() < deadline, "the jobs do not end"
            time.sleep(0.02)


def _settle(process_id: int) -> None:
    """Wait until a worker has started, with all that it prepares in the background."""
    time.sleep(3)
    before = cpu_seconds(process_id)
    for _ in range(30):
        time.sleep(1)
        now = cpu_seconds(process_id)
        if now - before < 0.05:
            return
        before = now


def _drain(ours: _Ours, processes: int) -> tuple[float, float]:
    """Milliseconds a job, by the wall and of the processor, from the first start to the last."""
    ended = "SELECT count(*) FROM jobs WHERE status = 'succeeded'"
    before = ours.ask(ended)[0] if ours.database.exists() else 0
    with ours.worker(processes) as process_id:
        _settle(process_id)
        used = cpu_seconds(process_id)
        ours.record(MANY)
        ours.wait(ended, before + MANY)
        used = cpu_seconds(process_id) - used
    first, last = ours.ask(
        "SELECT min(started_at), max(finished_at) FROM"
        f" (SELECT * FROM jobs ORDER BY finished_at DESC LIMIT {MANY})"
    )
    from datetime import datetime

    wall = (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()
    return wall / MANY * 1000, used / MANY * 1000


def _throughput(
    ours: _Ours, bare: Bare, processes: int, taskiq: Taskiq | None = None
) -> dict[str, object]:
    rounds = [
        (
            _drain(ours, processes),
            drain_bare(bare, processes),
            drain_durable(bare, processes),
            drain_taskiq(taskiq, processes) if taskiq else None,
        )
        for _ in range(ROUNDS)
    ]
    mine = [each[0] for each in rounds]
    theirs = [each[1] for each in rounds]
    wall, bare_wall = _median(mine, 0), _median(theirs, 0)
    ratio, cpu_ratio = _ratio(mine, theirs, 0), _ratio(mine, theirs, 1)
    return {
        "jobs_per_second": round(1000 / wall),
        "bare_tasks_per_second": round(1000 / bare_wall),
        "ms_per_job": wall,
        "bare_ms_per_task": bare_wall,
        "ratio": ratio,
        "cpu_ms_per_job": _median(mine, 1),
        "bare_cpu_ms_per_task": _median(theirs, 1),
        "cpu_ratio": cpu_ratio,
        "goal": "<= 2",
        "met": {"by the wall": ratio <= 2, "of the processor": cpu_ratio <= 2},
        "bare, with the same two files and a row": _beside(mine, [each[2] for each in rounds]),
        "taskiq": _beside(mine, [each[3] for each in rounds if each[3]])
        if taskiq
        else "not installed (taskiq, taskiq-redis)",
    }


def _beside(
    mine: list[tuple[float, float]], theirs: list[tuple[float, float]]
) -> dict[str, object]:
    return {
        "ms_per_task": _median(theirs, 0),
        "ratio": _ratio(mine, theirs, 0),
        "cpu_ms_per_task": _median(theirs, 1),
        "cpu_ratio": _ratio(mine, theirs, 1),
    }


def _median(sides: list[tuple[float, float]], which: int) -> float:
    return round(statistics.median(each[which] for each in sides), 2)


def _ratio(mine: list[tuple[float, float]], theirs: list[tuple[float, float]], which: int) -> float:
    pairs = zip(mine, theirs, strict=True)
    return round(statistics.median(a[which] / b[which] for a, b in pairs), 2)


def _latency(ours: _Ours, bare: Bare) -> dict[str, object]:
    """One job at a time on idle workers: how long until it runs."""
    from datetime import datetime

    port = free_port()
    body = json.dumps(document(1) | {"run": {"verify": "none"}}).encode()
    address = f"http://127.0.0.1:{port}"
    submits, starts, bare_starts = [], [], []
    with (
        _process(
            _uvicorn("api.app:make_app", port, "--factory"),
            ours.environment,
            f"{address}/health/readiness",
        ),
        ours.worker(2),
        bare.worker(2),
    ):
        for number in range(SINGLE + 10):
            request = urllib.request.Request(
                f"{address}/api/v1/generate",
                data=body,
                headers={"X-API-Key": ours.key},
                method="POST",
            )
            sent_at = time.time()
            job_id = json.load(urllib.request.urlopen(request))["id"]
            answered_at = time.time()
            of_it = f"FROM jobs WHERE id = '{job_id}'"
            ours.wait(f"SELECT count(finished_at) {of_it}", 1)
            started_at = datetime.fromisoformat(ours.ask(f"SELECT started_at {of_it}")[0])
            bare_sent_at = time.time()
            bare.queue.mark.delay(f"single{number}")
            bare_started_at = bare.marks.wait(f"single{number}")[0]
            if number >= 10:
                submits.append(answered_at - sent_at)
                starts.append(started_at.timestamp() - sent_at)
                bare_starts.append(bare_started_at - bare_sent_at)
            time.sleep(0.03)
    figures = {
        "submit_p50_ms": _percentile(submits, 50) * 1000,
        "submit_p99_ms": _percentile(submits, 99) * 1000,
        "submit_to_start_p50_ms": _percentile(starts, 50) * 1000,
        "submit_to_start_p99_ms": _percentile(starts, 99) * 1000,
        "bare_p50_ms": _percentile(bare_starts, 50) * 1000,
        "bare_p99_ms": _percentile(bare_starts, 99) * 1000,
    }
    ratio = figures["submit_to_start_p50_ms"] / figures["bare_p50_ms"]
    return {name: round(value, 2) for name, value in figures.items()} | {
        "p50_ratio": round(ratio, 2),
        "goal": "p50 <= 3 x bare, p99 <= 25 ms",
        "met": {"p50": ratio <= 3, "p99": figures["submit_to_start_p99_ms"] <= 25},
    }


def measure() -> dict[str, object]:
    """Submit, submit to start, jobs a second with one process and with two, and polls."""
    outcome: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as name, _valkey(Path(name)) as redis_url:
        bare = Bare(Path(name) / "bare", redis_url)
        ours = _Ours(Path(name) / "ours", redis_url)
        outcome["one at a time, idle"] = _latency(ours, bare)
        taskiq = Taskiq(Path(name) / "taskiq", redis_url) if find_spec("taskiq_redis") else None
        for processes in (1, 2):
            outcome[f"all at once, processes: {processes}"] = _throughput(
                ours, bare, processes, taskiq
            )
    outcome["poll"] = measure_polls()
    return outcome
