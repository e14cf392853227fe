"""What the queue is measured against: Celery as it comes, with tasks that do nothing."""

from __future__ import annotations

import os
import time
from pathlib import Path

from celery import Celery

app = Celery(broker=os.environ.get("CELERY_BROKER_URL"), backend=None)
app.conf.task_ignore_result = True
app.conf.broker_connection_retry_on_startup = True


@app.task(name="bench.nothing")
def nothing(job_id: str) -> None:
    """A task that does nothing."""


@app.task(name="bench.mark")
def mark(name: str) -> None:
    """Write down when it began."""
    now = time.time()
    with Path(os.environ["BENCH_MARKS"]).open("a") as marks:
        marks.write(f"{name} {now}\n")
