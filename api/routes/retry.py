"""`POST /jobs/{id}/retry`: a job that failed or was cancelled, again, as a new one."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Identity
from api.bodies import SMALL_BODY, read_body
from api.dependencies import GENERATE, services_of
from api.envelope import PREFIX
from api.idempotency import read_wish
from api.openapi import SUBMITTED, SUBMITTING, problems
from api.submitted import answer_submitted, record
from common.errors import RequestError
from common.jobs.retry import read_retry

router = APIRouter(prefix=f"{PREFIX}/jobs", tags=["jobs"])

_NOTHING: Final = (b"", b"{}", b"null")


@router.post(
    "/{job_id}/retry",
    status_code=202,
    summary="Retry a job",
    response_class=Response,
    responses={**SUBMITTED, **problems(400, 404, 409, 410, 422)},
    openapi_extra=SUBMITTING,
)
async def retry_job(
    request: Request, identity: Annotated[Identity, Depends(GENERATE)], job_id: str
) -> Response:
    """Run a job that failed or was cancelled again, as a new job with `retry_of`.

    The document and all that its `run` asks for are taken over. With an `Idempotency-Key`, one
    wish makes one job. With `Prefer: wait=N` the answer comes when the new job has finished, or
    after N seconds.
    """
    services = services_of(request)
    body = await read_body(request, SMALL_BODY)
    if body.strip() not in _NOTHING:
        raise RequestError(
            422,
            "unexpected_body",
            "A retry takes everything over from the job, and nothing from a body.",
        )
    # Another job under the same key is another wish, and so is a document.
    wish = read_wish(request, f"retry {job_id}".encode())
    caller_id = identity.caller.id
    read = partial(read_retry, services.jobs, caller_id, job_id, wish)
    return await answer_submitted(request, await record(services, caller_id, wish, read))
