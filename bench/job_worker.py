"""Our worker, as it is, but for stages that cost nothing: what is left is what a job costs.

`celery -A bench.job_worker worker`
"""

from __future__ import annotations

import os

from celery.signals import worker_process_init

from workers.pipeline import Outcome
from workers.report import Report

FILES = {f"app/models/table_{number}.py": "x" * 1500 for number in range(40)}
DONE = Outcome(FILES, Report("none", (), ()), os.urandom(30_000))


def _put_in(**_: object) -> None:
    from workers import app as ours
    from workers.worker_process import WorkerProcess

    made = WorkerProcess(ours.settings, ours.app, pipeline=lambda *_: DONE)
    ours._processes[os.getpid()] = made  # noqa: SLF001 - what it would make itself


worker_process_init.connect(_put_in)  # before our own, which then finds it there

from workers.app import app  # noqa: E402

__all__ = ["app"]
