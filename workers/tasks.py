"""The Celery tasks: names and arguments in, one call each. Whatever arrives may be forged."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

from celery import Celery

from common.errors import TransientError
from common.ids import is_job_id
from common.queue import ADMIT_JOBS, EXPIRE_JOBS, RUN_JOB

log = logging.getLogger("backbone.worker")


class Worker(Protocol):
    """What the tasks call."""

    def run(self, job_id: str) -> None:
        """Run a job."""

    def admit(self) -> None:
        """Run one round of admission."""

    def admit_next(self) -> None:
        """Send the jobs whose turn it is, after one has ended."""

    def expire(self) -> None:
        """Remove what was kept for long enough."""


def add_tasks(app: Celery, worker: Callable[[], Worker]) -> None:
    """Give `app` its tasks; `worker()` is asked in the process that runs one, after its fork."""

    def run_job(*arguments: object, **_named: object) -> None:
        job_id = arguments[0] if arguments else None
        if not isinstance(job_id, str) or not is_job_id(job_id):
            log.warning("message.ignored", extra={"task": RUN_JOB})
            return
        _despite_the_world(lambda: worker().run(job_id))
        _despite_the_world(worker().admit_next)  # a place is free now

    def admit_jobs(*_arguments: object, **_named: object) -> None:
        _despite_the_world(worker().admit)

    def expire_jobs(*_arguments: object, **_named: object) -> None:
        _despite_the_world(worker().expire)

    ways: dict[str, Any] = {"typing": False, "shared": False}
    app.task(run_job, name=RUN_JOB, **ways)
    # Sent every few seconds, so Flower is not told of them.
    app.task(admit_jobs, name=ADMIT_JOBS, send_events=False, **ways)
    app.task(expire_jobs, name=EXPIRE_JOBS, send_events=False, **ways)


def _despite_the_world(step: Callable[[], None]) -> None:
    """Leave to the next round what the database, the queue or the disk does not let through now."""
    try:
        step()
    except TransientError as error:
        log.warning("task.hindered", extra={"code": error.code, "reason": str(error.__cause__)})
