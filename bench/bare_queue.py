"""What the queue is measured against: Celery as it comes, with tasks that do nothing or little."""

from __future__ import annotations

import os
import sqlite3
import time
from functools import cache
from pathlib import Path

from celery import Celery

FILES = {"project.zip": os.urandom(30_000), "report.json": bytes(150)}
"""As large as those of `bench.job_worker`."""

app = Celery(broker=os.environ.get("CELERY_BROKER_URL"), backend=None)
app.conf.task_ignore_result = True
app.conf.broker_connection_retry_on_startup = True


@app.task(name="bench.nothing")
def nothing(job_id: str) -> None:
    """A task that does nothing."""


@app.task(name="bench.durable")
def durable(job_id: str) -> None:
    """Keep what a job of ours keeps, the shortest way: a row, two files, the row again."""
    database, folder = _database(), _folder() / "jobs" / job_id / "1"
    database.execute("INSERT INTO jobs VALUES (?, 'running', NULL)", (job_id,))
    folder.mkdir(parents=True)
    for name, content in FILES.items():
        with (folder / name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    database.execute(
        "UPDATE jobs SET status = 'succeeded', output_key = ? WHERE id = ?", (str(folder), job_id)
    )


@app.task(name="bench.mark")
def mark(name: str) -> None:
    """Write down when it began."""
    now = time.time()
    with Path(os.environ["BENCH_MARKS"]).open("a") as marks:
        marks.write(f"{name} {now}\n")


def _folder() -> Path:
    return Path(os.environ["BENCH_MARKS"]).parent


@cache
def _database() -> sqlite3.Connection:
    """One for each process; what was said to be done survives a power cut."""
    database = sqlite3.connect(_folder() / "durable.db", timeout=10, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE IF NOT EXISTS jobs (id PRIMARY KEY, status, output_key)")
    return database
