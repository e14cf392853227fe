"""Jobs: list, read (also waiting), cancel, delete."""

from __future__ import annotations

import contextlib
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Identity
from api.dependencies import (
    CHANGE_JOBS,
    READ_JOB,
    READ_JOBS,
    GuardedJob,
    Services,
    services_of,
)
from api.envelope import PREFIX
from api.etags import if_none_match
from api.job_filter import read_job_filter
from api.job_members import etag, job_page_bytes, job_response
from api.openapi import CONDITIONAL, JOB, problems
from api.wire import CancelShape, JobPageShape
from common.errors import TransientError
from common.jobs.job import JobStatus
from common.jobs.new_job import JobFilter

router = APIRouter(prefix=f"{PREFIX}/jobs", tags=["jobs"])

Reader = Annotated[Identity, Depends(READ_JOBS)]
Changer = Annotated[Identity, Depends(CHANGE_JOBS)]


@router.get(
    "",
    summary="List jobs",
    response_class=Response,
    responses={200: {"model": JobPageShape}, **problems(400, 422)},
)
def list_jobs(
    request: Request,
    identity: Reader,
    only: Annotated[JobFilter, Depends(read_job_filter)],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Response:
    """The caller's jobs, newest first. Moments are RFC 3339, with their offset."""
    services = services_of(request)
    page = services.jobs.list(identity.caller.id, only, limit=limit, cursor=cursor)
    body = job_page_bytes(page.items, page.next_cursor, services.clock())
    return Response(body, 200, {"cache-control": "no-cache"}, "application/json")


@router.get(
    "/{job_id}",
    summary="Read a job",
    response_class=Response,
    responses={200: JOB, **problems(404, 422, headers_only=(304,))},
    openapi_extra=CONDITIONAL,
)
async def get_job(
    request: Request,
    guarded: Annotated[GuardedJob, Depends(READ_JOB)],
    wait: Annotated[int, Query(ge=0, le=60, description="Seconds to wait for a change.")] = 0,
) -> Response:
    """The job as it is now, or as soon as it is no longer what `If-None-Match` names."""
    job = guarded.job
    known = if_none_match(request)
    services = services_of(request)
    waits = wait and not job.finished and (known is None or known.matches(etag(job)))
    if waits and await services.watch.changed(job.id, job.revision, wait):
        # News, also to somebody who knows `*`
        changed = await run_sync(services.jobs.get, job.caller_id, job.id)
        return job_response(changed, services.clock())
    if known is not None and known.matches(etag(job)):
        headers = {"etag": etag(job), "cache-control": "no-cache"}
        if not job.finished:
            headers["retry-after"] = "1"
        return Response(None, 304, headers)
    return job_response(job, services.clock())


@router.post(
    "/{job_id}/cancel",
    status_code=202,
    summary="Cancel a job",
    response_class=Response,
    responses={
        200: {"model": CancelShape, "description": "It had finished already."},
        202: {"model": CancelShape, "description": "It takes effect."},
        **problems(404),
    },
)
def cancel_job(request: Request, identity: Changer, job_id: str) -> Response:
    """Stop a job. At once while it is queued; a worker that has it stops within seconds."""
    return cancel(services_of(request), identity.caller.id, job_id)


def cancel(services: Services, caller_id: str, job_id: str) -> Response:
    """Ask for the job of a caller to be stopped, and say what came of it; RequestError 404."""
    before = services.jobs.get(caller_id, job_id)
    job = services.jobs.request_cancel(caller_id, job_id)
    if before.finished or (job.finished and job.status is not JobStatus.CANCELLED):
        said = {
            "cancel": "already_finished",
            "detail": f"The job had finished already; it is {job.status}.",
        }
        return job_response(job, services.clock(), extra={**said})
    services.dispatcher.soon()
    detail = "The job is cancelled." if job.finished else "The job is being cancelled."
    said = {"cancel": "requested", "detail": detail}
    return job_response(job, services.clock(), status=202, extra={**said})


@router.delete(
    "/{job_id}",
    status_code=204,
    summary="Delete a job",
    response_class=Response,
    responses={204: {"description": "It is gone, with its files."}, **problems(404, 409)},
)
def delete_job(request: Request, identity: Changer, job_id: str) -> Response:
    """Forget a job and everything that it made."""
    services = services_of(request)
    services.jobs.delete(identity.caller.id, job_id)
    # Nobody can ask for its files any more; what can't be removed now is swept away later.
    with contextlib.suppress(TransientError):
        services.artifacts.delete(f"jobs/{job_id}")
    return Response(None, 204)
