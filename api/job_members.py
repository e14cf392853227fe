"""A job as it goes over the wire: every member always there, null where nothing is known."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import orjson
from starlette.responses import Response

from common.jobs.job import Job
from common.jobs.retry import RETRYABLE

PATH: Final = "/api/v1/jobs/"
_OPTIONS: Final = orjson.OPT_UTC_Z
_POLL_AGAIN_SECONDS: Final = "1"


def job_members(job: Job, now: datetime) -> dict[str, object]:
    """The members of a job as it is at `now`; moments and parts are left to the encoder."""
    artifact = job.artifact
    return {
        "id": job.id,
        "kind": job.kind,
        "status": job.status,
        "stage": job.stage,
        "progress": {"done": job.progress_done, "total": job.progress_total},
        "queue_position": job.queue_position,
        "eta_seconds": job.eta_seconds,
        "deferred_until": job.deferred_until,
        "deferred_reason": job.deferred_reason,
        "project_name": job.project_name,
        "batch_id": job.batch_id,
        "retry_of": job.retry_of,
        "attempt_count": job.attempt_count,
        "attempts": job.attempts,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "expires_at": job.expires_at,
        "warnings": job.warnings,
        "error": job.error,
        "artifact": artifact,
        "verification": job.verification,
        "usage": job.usage,
        "links": _links(job, now),
    }


def job_page_bytes(items: tuple[Job, ...], next_cursor: str | None, now: datetime) -> bytes:
    """A page of jobs as JSON."""
    members = [job_members(job, now) for job in items]
    return orjson.dumps({"items": members, "next_cursor": next_cursor}, option=_OPTIONS)


def etag(job: Job) -> str:
    """The job's revision as an entity tag."""
    return f'"{job.revision}"'


def job_response(
    job: Job,
    now: datetime,
    *,
    status: int = 200,
    location: bool = False,
    extra: dict[str, object] | None = None,
) -> Response:
    """The answer that tells of a job; with `Retry-After` while there is more to come."""
    headers = {"etag": etag(job), "cache-control": "no-cache"}
    if not job.finished:
        headers["retry-after"] = _POLL_AGAIN_SECONDS
    if location:
        headers["location"] = PATH + job.id
    body = orjson.dumps(job_members(job, now) | (extra or {}), option=_OPTIONS)
    return Response(body, status, headers, "application/json")


def _links(job: Job, now: datetime) -> dict[str, str | None]:
    itself = PATH + job.id
    # What has expired may still have to be removed
    kept = job.finished and job.output_kept and (job.expires_at is None or job.expires_at > now)
    return {
        "self": itself,
        "events": itself + "/events",
        "cancel": None if job.finished else itself + "/cancel",
        "retry": itself + "/retry" if job.status in RETRYABLE else None,
        "artifact": itself + "/artifact" if kept and job.artifact is not None else None,
        "files": itself + "/files" if kept else None,
        "report": itself + "/report" if kept else None,
        # A document says what its project is called; a prompt only once something is designed
        "document": itself + "/document" if job.project_name is not None else None,
    }
