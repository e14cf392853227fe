"""Everything that one process of the worker's pool holds. Made after the fork."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import signal
import socket
from datetime import timedelta
from typing import Final

from celery import Celery

from common import clock
from common.artifacts import ArtifactStore
from common.batches.expiry import expire_batches
from common.batches.following import follow_all
from common.capabilities import Capabilities, write_capabilities
from common.db.engine import make_engine
from common.document.limits_in_force import limits_in_force
from common.errors import TransientError
from common.jobs.admission import Admission
from common.jobs.claims import JobClaims
from common.jobs.expiry import expire
from common.jobs.leftovers import sweep
from common.jobs.retention import Retention
from common.jobs.wakes import Wakes, nobody
from common.llm.ledger import forget_calls, note_unsettled
from common.queue import send_job
from common.security_events import SecurityEvent, record
from common.settings import Settings
from common.tokens import forget_ended
from workers.checkpoints import Checkpoints
from workers.checks.catalogue import EMBEDDED_ENGINE
from workers.engines import Engines
from workers.job_run import JobRun, Pipeline
from workers.llm.model import Model
from workers.llm.models import Models
from workers.pipeline import Outcome, Progress, run_design, run_pipeline
from workers.sandbox.running import Violation
from workers.sandbox.sandbox import open_sandbox
from workers.stages.design import Design

ADMIT_EVERY_SECONDS: Final = 1.0
"""After a job only as much is done, more often, as its end calls for."""
CALLS_KEPT: Final = timedelta(days=31)
"""How long it is known what was asked of models, whatever became of the jobs."""
SWEEP_EVERY_SECONDS: Final = 3600.0
"""To look at the folders of all jobs takes a while, and there is hardly ever anything to find."""

log = logging.getLogger("backbone.worker")


class WorkerProcess:
    """Runs jobs, admission and expiry for the tasks."""

    def __init__(
        self, settings: Settings, celery: Celery, *, pipeline: Pipeline | None = None
    ) -> None:
        """`pipeline` instead of our own, for whoever measures what is around it."""
        self._engine = make_engine(settings.effective_database_url)
        self._wakes = Wakes(settings.redis_url.get_secret_value()) if settings.redis_url else None
        self._tell = self._wakes.tell if self._wakes else nobody
        self._models = Models(settings, self._engine, clock.now, tell=self._tell)
        self._artifacts = ArtifactStore(settings.effective_artifact_url)
        self._retention = Retention.from_settings(settings)
        self._limits = limits_in_force(settings)
        self._max_repairs = settings.max_repairs
        self._sandbox = open_sandbox(
            settings.cache_dir or settings.data_dir / "cache", self._note_violation
        )
        self._engines = Engines(settings.engine_urls)
        with contextlib.suppress(TransientError):  # nothing but an answer to a question
            servers = self._engines.available() if self._sandbox.has_gates else ()
            known = Capabilities(self._sandbox.layers, (EMBEDDED_ENGINE, *servers))
            write_capabilities(self._artifacts, known)
        self._admission = Admission(
            self._engine,
            clock.now,
            functools.partial(send_job, celery),
            slots=settings.worker_processes,
            max_attempts=settings.max_attempts,
            max_running_per_caller=settings.max_running_per_caller,
        )
        self._admitted_at = clock.monotonic()
        self._swept_at = clock.monotonic()
        self._running: str | None = None
        self._job_run = JobRun(
            claims=JobClaims(
                self._engine,
                clock.now,
                retention=self._retention,
                lease_seconds=settings.job_lease_seconds,
                tell=self._tell,
            ),
            artifacts=self._artifacts,
            pipeline=pipeline or self._generate,
            designer=self._design,
            model_for=self._models.of_claim,
            worker=f"{socket.gethostname()}:{os.getpid()}",
            lease_seconds=settings.job_lease_seconds,
            timeout_seconds=settings.job_timeout_seconds,
            stage_timeout_seconds=settings.stage_timeout_seconds,
            max_attempts=settings.max_attempts,
            stuck=_end_process,
        )

    def run(self, job_id: str) -> None:
        """Run a job."""
        self._running = job_id
        self._job_run.run(job_id)

    def admit(self) -> None:
        """Run one round of admission."""
        self._admitted_at = clock.monotonic()
        self._admission.admit()
        for job_id in note_unsettled(self._engine, clock.now()):
            self._tell(job_id)

    def admit_next(self) -> None:
        """Send the next jobs; look for what was left lying only now and then."""
        if clock.monotonic() - self._admitted_at > ADMIT_EVERY_SECONDS:
            self.admit()
        else:
            self._admission.send_next()

    def expire(self) -> None:
        """Remove what was kept for long enough, and end what was broken off."""
        follow_all(self._engine, clock.now)
        expire(self._engine, clock.now(), self._retention, self._artifacts.delete)
        expire_batches(self._engine, clock.now(), self._retention)
        forget_calls(self._engine, clock.now() - CALLS_KEPT)
        forget_ended(self._engine, clock.now())
        if clock.monotonic() - self._swept_at > SWEEP_EVERY_SECONDS:
            self._swept_at = clock.monotonic()
            sweep(self._engine, self._artifacts.job_ids(), self._artifacts.delete)

    def close(self) -> None:
        """Let go of the sandbox and the databases."""
        if self._wakes is not None:
            self._wakes.stop()
        self._models.close()
        self._sandbox.close()
        self._engines.close()
        self._engine.dispose()

    def _note_violation(self, task: str, violation: Violation) -> None:
        """Tell of it, and count it if the database is there."""
        what = {"job_id": self._running, "check": task, "kind": violation.value}
        try:
            with self._engine.begin() as connection:
                record(connection, SecurityEvent.SANDBOX_VIOLATION, **what)
        except TransientError as error:
            log.warning("violation.not_counted", extra=what | {"reason": str(error.__cause__)})

    def _generate(
        self, document: object, progress: Progress, checkpoints: Checkpoints, model: Model | None
    ) -> Outcome:
        return run_pipeline(
            document,
            limits=self._limits,
            sandbox=self._sandbox,
            progress=progress,
            engines=self._engines,
            checkpoints=checkpoints,
            model=model,
            max_repairs=self._max_repairs,
        )

    def _design(
        self, prompt: object, progress: Progress, checkpoints: Checkpoints, model: Model | None
    ) -> Design:
        return run_design(
            prompt,
            limits=self._limits,
            progress=progress,
            checkpoints=checkpoints,
            model=model,
            max_repairs=self._max_repairs,
        )


def _end_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)  # the pool puts another in its place
