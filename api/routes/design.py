"""`POST /design`: words in, a job out whose outcome is a document."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Identity
from api.bodies import read_body
from api.dependencies import GENERATE, services_of
from api.envelope import PREFIX
from api.idempotency import read_wish
from api.openapi import PROMPT_BODY, SUBMITTED, SUBMITTING, problems
from api.submission import job_to_record, read_design
from api.submitted import answer_submitted, record
from common.jobs.new_job import NewJob

router = APIRouter(prefix=PREFIX, tags=["generate"])

_OTHER_THAN_GENERATE: Final = b"design "
"""Goes before a body where it is compared: the same words may be sent to both."""


@router.post(
    "/design",
    status_code=202,
    summary="Design a document",
    response_class=Response,
    responses={**SUBMITTED, **problems(400, 404, 413, 422, in_turns=True)},
    openapi_extra=PROMPT_BODY | SUBMITTING,
)
async def design(request: Request, identity: Annotated[Identity, Depends(GENERATE)]) -> Response:
    """Have a model make a project document of words, or change one as the words say.

    The document is at `links.document` once it is designed. Headers as for `/generate`.
    """
    services = services_of(request)
    body = await read_body(request, services.settings.max_json_size)
    wish = read_wish(request, _OTHER_THAN_GENERATE + body)
    caller_id = identity.caller.id

    def read() -> NewJob:
        submission = read_design(body, services.document_limits)
        return job_to_record(caller_id, submission, wish, kind="design")

    async with services.large_bodies.turn(request, body):
        job = await record(services, caller_id, wish, read)
    return await answer_submitted(request, job)
