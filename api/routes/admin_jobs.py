"""Jobs and spending of all callers, for whoever runs the platform."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api.admin_wire import OwnedJobPageShape, OwnedJobShape, SpendingPageShape
from api.administration import READ, answer, find_caller, page_of_callers
from api.auth import Identity
from api.dependencies import services_of
from api.envelope import PREFIX
from api.job_filter import read_job_filter
from api.job_members import job_members, job_response
from api.openapi import problems
from api.routes.files import STORED_JSON, document_of, report_of
from api.routes.jobs import cancel
from api.wire import CancelShape
from common.callers import Caller
from common.jobs.new_job import JobFilter

router = APIRouter(prefix=f"{PREFIX}/admin", tags=["admin"])

Reader = Annotated[Identity, Depends(READ)]


def find_owner(request: Request, identity: Reader, job_id: str) -> Caller:  # noqa: ARG001 - the guard
    """Whose job it is, which an administrator may do with what its caller may; RequestError 404."""
    return services_of(request).overview.get_owner(job_id)


Owner = Annotated[Caller, Depends(find_owner)]


@router.get(
    "/jobs",
    summary="List the jobs of all callers",
    response_class=Response,
    responses={200: {"model": OwnedJobPageShape}, **problems(400, 422)},
)
def list_all_jobs(
    request: Request,
    identity: Reader,  # noqa: ARG001 - the guard
    only: Annotated[JobFilter, Depends(read_job_filter)],
    *,
    caller: Annotated[str | None, Query(description="The name or the id of a caller.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Response:
    """Jobs, newest first, each with its caller. Moments are RFC 3339, with their offset."""
    services = services_of(request)
    owner = find_caller(services, caller)
    found, next_cursor = services.overview.list(only, caller=owner, limit=limit, cursor=cursor)
    now = services.clock()
    items = [job_members(each.job, now) | {"caller": each.caller.name} for each in found]
    return answer({"items": items, "next_cursor": next_cursor})


@router.get(
    "/jobs/{job_id}",
    summary="Read a job of any caller",
    response_class=Response,
    responses={200: {"model": OwnedJobShape}, **problems(404)},
)
def get_any_job(request: Request, owner: Owner, job_id: str) -> Response:
    """The job as its caller sees it, and whose it is. Its links are for its caller."""
    services = services_of(request)
    job = services.jobs.get(owner.id, job_id)
    return job_response(job, services.clock(), extra={"caller": owner.name})


@router.post(
    "/jobs/{job_id}/cancel",
    status_code=202,
    summary="Cancel a job of any caller",
    response_class=Response,
    responses={
        200: {"model": CancelShape, "description": "It had finished already."},
        202: {"model": CancelShape, "description": "It takes effect."},
        **problems(404),
    },
)
def cancel_any_job(request: Request, owner: Owner, job_id: str) -> Response:
    """Stop a job, as its caller can."""
    return cancel(services_of(request), owner.id, job_id)


@router.get(
    "/jobs/{job_id}/report",
    summary="Read the verification report of any job",
    response_class=Response,
    responses=STORED_JSON,
)
def get_any_report(request: Request, owner: Owner, job_id: str) -> Response:
    """What its caller can read of the checks and the isolation that they ran under."""
    return report_of(services_of(request), owner.id, job_id)


@router.get(
    "/jobs/{job_id}/document",
    summary="Read the document of any job",
    response_class=Response,
    responses=STORED_JSON,
)
def get_any_document(request: Request, owner: Owner, job_id: str) -> Response:
    """What was sent, or what a model made of it."""
    return document_of(services_of(request), owner.id, job_id)


@router.get(
    "/usage",
    summary="Quotas and spending of all callers",
    response_class=Response,
    responses={200: {"model": SpendingPageShape}, **problems(400, 422)},
)
def get_all_usage(
    request: Request,
    identity: Reader,  # noqa: ARG001 - the guard
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Response:
    """What `/usage` tells each caller, caller by caller."""
    services = services_of(request)
    found, next_cursor = page_of_callers(services, limit, cursor)
    items = []
    for facts in found:
        spending = services.spending.read(facts.caller.id)
        items.append(
            {
                "caller": facts.caller.name,
                "quotas": spending.quotas,
                "spend": spending.spend,
                "unsettled": spending.unsettled,
            }
        )
    return answer({"items": items, "next_cursor": next_cursor})
