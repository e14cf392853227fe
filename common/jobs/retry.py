"""A job once more, as a new job: what it takes over from the one that failed or was cancelled."""

from __future__ import annotations

from typing import Final

from common.errors import RequestError
from common.jobs.job import Job, JobStatus
from common.jobs.new_job import NewJob, Wish, submission_warnings
from common.jobs.store import JobStore

RETRYABLE: Final = frozenset({JobStatus.FAILED, JobStatus.CANCELLED})


def read_retry(jobs: JobStore, caller_id: str, job_id: str, wish: Wish | None = None) -> NewJob:
    """The job to be recorded so that the caller's job `job_id` is run again.

    It has the same document, with what its `run` asks for, and the warnings of the first
    submission; it belongs to no batch. Raises RequestError 404 where there is no such job, 409
    `job_not_retryable` where it neither failed nor was cancelled, 410 where its document is gone.
    """
    job = jobs.get(caller_id, job_id)
    if job.status not in RETRYABLE:
        raise RequestError(
            409,
            "job_not_retryable",
            f"The job is {job.status}; only one that failed or was cancelled can be retried.",
            extra={"job_status": job.status.value},
        )
    document = jobs.get_document(caller_id, job_id)
    return NewJob(
        caller_id,
        document,
        job.project_name,
        kind=job.kind,
        warnings=submission_warnings(job.warnings),
        wish=wish,
        timeout_seconds=_asked(document, "timeout_seconds"),
        start_within_seconds=_asked(document, "start_within_seconds"),
        retry_of=job.id,
    )


def checkpoint_sources(job: Job) -> tuple[str, ...]:
    """The ids of the jobs under whose `jobs/<id>/checkpoints/` this one may find its stages made.

    Its own come first. A stage that was found with the other has to be copied to its own, so that
    a retry of a retry finds it too, and the deletion of the other one takes nothing away.
    """
    return (job.id,) if job.retry_of is None else (job.id, job.retry_of)


def _asked(document: object, name: str) -> int | None:
    """What the `run` of a stored document, which was checked when it was stored, asks for."""
    run = document.get("run") if isinstance(document, dict) else None
    asked = run.get(name) if isinstance(run, dict) else None
    return asked if isinstance(asked, int) else None
