"""`POST /generate`: a document in, a job out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Identity
from api.bodies import read_body
from api.dependencies import GENERATE, services_of
from api.envelope import PREFIX
from api.idempotency import read_wish
from api.openapi import DOCUMENT_BODY, SUBMITTED, SUBMITTING, problems
from api.submission import job_to_record, read_submission
from api.submitted import answer_submitted, record
from common.jobs.new_job import NewJob

router = APIRouter(prefix=PREFIX, tags=["generate"])


@router.post(
    "/generate",
    status_code=202,
    summary="Generate a project",
    response_class=Response,
    responses={**SUBMITTED, **problems(400, 404, 413, 422, in_turns=True)},
    openapi_extra=DOCUMENT_BODY | SUBMITTING,
)
async def generate(request: Request, identity: Annotated[Identity, Depends(GENERATE)]) -> Response:
    """Record a job for a project document. With an `Idempotency-Key`, one wish makes one job.

    With `Prefer: wait=N` the answer comes when the job has finished, or after N seconds; 404 if
    the job is deleted meanwhile.
    """
    services = services_of(request)
    body = await read_body(request, services.settings.max_json_size)
    wish = read_wish(request, body)
    caller_id = identity.caller.id

    def read() -> NewJob:
        submission = read_submission(body, services.document_limits)
        return job_to_record(caller_id, submission, wish)

    async with services.large_bodies.turn(request, body):
        job = await record(services, caller_id, wish, read)
    return await answer_submitted(request, job)
