"""What the API is measured against: FastAPI, and Celery's `apply_async`, and nothing else."""

from __future__ import annotations

import os

from celery import Celery
from fastapi import FastAPI

queue = Celery(broker=os.environ.get("CELERY_BROKER_URL"), backend=None)
queue.conf.task_ignore_result = True


@queue.task(name="bench.nothing")
def nothing(job_id: str) -> None:
    """A task that does nothing."""


app = FastAPI()


@app.get("/hello")
def hello() -> dict[str, str]:
    """The least that a `def` endpoint can do."""
    return {"hello": "world"}


@app.post("/submit", status_code=202)
def submit() -> dict[str, str]:
    """The least that a queue-backed endpoint can do."""
    return {"id": nothing.apply_async(args=["job_00000000000000000000000000"]).id}
