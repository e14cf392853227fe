"""`POST /generate`: a document in, a job out."""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Identity
from api.bodies import read_body
from api.dependencies import GENERATE, Services, services_of
from api.envelope import PREFIX
from api.idempotency import read_wish
from api.job_members import job_response
from api.openapi import DOCUMENT_BODY, IDEMPOTENT, JOB, problems
from api.submission import invalid, read_submission
from common.jobs.job import Job
from common.jobs.new_job import NewJob, Wish

router = APIRouter(prefix=PREFIX, tags=["generate"])


@router.post(
    "/generate",
    status_code=202,
    summary="Generate a project",
    response_class=Response,
    responses={202: JOB, **problems(400, 413, 422)},
    openapi_extra=DOCUMENT_BODY | IDEMPOTENT,
)
async def generate(request: Request, identity: Annotated[Identity, Depends(GENERATE)]) -> Response:
    """Record a job for a project document. With an `Idempotency-Key`, one wish makes one job."""
    services = services_of(request)
    body = await read_body(request, services.settings.max_json_size)
    wish = read_wish(request, body)
    found = await run_sync(_read, services, identity.caller.id, body, wish)
    if isinstance(found, Job):
        return job_response(found, status=202, location=True)
    submitted = await services.recorder.submit(found)
    return job_response(submitted.job, status=202, location=True)


def _read(services: Services, caller_id: str, body: bytes, wish: Wish | None) -> NewJob | Job:
    """The job to be recorded, or the one that an equal request has made before."""
    if wish is not None:
        earlier = services.jobs.find_wished(caller_id, wish)
        if earlier is not None:
            return earlier
    submission = read_submission(body, services.document_limits)
    reading = submission.reading
    if submission.faults or reading is None or reading.document is None or reading.run is None:
        raise invalid(submission.faults)
    return NewJob(
        caller_id,
        reading.raw,
        reading.document.project_name,
        warnings=submission.warnings,
        wish=wish,
        timeout_seconds=reading.run.timeout_seconds,
        start_within_seconds=reading.run.start_within_seconds,
    )
