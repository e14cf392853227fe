"""Batches: list, read (also waiting), cancel, pause, resume."""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Identity
from api.batch_members import batch_headers, batch_page_bytes, batch_response, etag
from api.batch_wire import BatchPageShape, BatchShape, CancelledBatchShape
from api.dependencies import CHANGE_BATCHES, READ_BATCHES, Services, services_of
from api.envelope import PREFIX
from api.etags import if_none_match
from api.openapi import CONDITIONAL, problems
from common.batches.batch import Batch, BatchStatus, LineFault
from common.batches.store import ERRORS_SHOWN

router = APIRouter(prefix=f"{PREFIX}/batches", tags=["batches"])

Reader = Annotated[Identity, Depends(READ_BATCHES)]
Changer = Annotated[Identity, Depends(CHANGE_BATCHES)]

_BATCH = {
    "model": BatchShape,
    "description": "The batch.",
    "headers": {
        "ETag": {"schema": {"type": "string"}},
        "Retry-After": {"schema": {"type": "integer"}, "description": "While not finished."},
    },
}


@router.get(
    "",
    summary="List batches",
    response_class=Response,
    responses={200: {"model": BatchPageShape}, **problems(400, 422)},
)
def list_batches(
    request: Request,
    identity: Reader,
    *,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Response:
    """The caller's batches, newest first."""
    services = services_of(request)
    page = services.batches.page(identity.caller.id, limit=limit, cursor=cursor)
    items = [(batch, _errors(services, batch)) for batch in page.items]
    body = batch_page_bytes(items, page.next_cursor)
    return Response(body, 200, {"cache-control": "no-cache"}, "application/json")


@router.get(
    "/{batch_id}",
    summary="Read a batch",
    response_class=Response,
    responses={200: _BATCH, **problems(404, 422, headers_only=(304,))},
    openapi_extra=CONDITIONAL,
)
async def get_batch(
    request: Request,
    identity: Reader,
    batch_id: str,
    wait: Annotated[int, Query(ge=0, le=60, description="Seconds to wait for a change.")] = 0,
) -> Response:
    """The batch now, or as soon as it is no longer what `If-None-Match` names.

    Jobs that end and what is done to the batch as a whole end the waiting; jobs that begin don't.
    """
    services = services_of(request)
    caller_id = identity.caller.id
    batch = await run_sync(services.batches.get, caller_id, batch_id)
    known = if_none_match(request)
    if wait and not batch.finished and (known is None or known.matches(etag(batch))):
        await services.batch_watch.changed(batch.id, batch.revision, wait)
        batch = await run_sync(services.batches.get, caller_id, batch_id)
    if known is not None and known.matches(etag(batch)):
        return Response(None, 304, batch_headers(batch))
    return batch_response(batch, await run_sync(_errors, services, batch))


@router.post(
    "/{batch_id}/cancel",
    status_code=202,
    summary="Cancel a batch",
    response_class=Response,
    responses={
        200: {"model": CancelledBatchShape, "description": "It had finished already."},
        202: {"model": CancelledBatchShape, "description": "It takes effect."},
        **problems(404),
    },
)
def cancel_batch(request: Request, identity: Changer, batch_id: str) -> Response:
    """Stop all of its jobs: at once those that wait, within seconds those that run."""
    services = services_of(request)
    before = services.batches.get(identity.caller.id, batch_id)
    batch = services.batches.request_cancel(identity.caller.id, batch_id)
    errors = _errors(services, batch)
    if before.finished or (batch.finished and batch.status is BatchStatus.FINISHED):
        said = {
            "cancel": "already_finished",
            "detail": f"The batch had finished already; it is {batch.status}.",
        }
        return batch_response(batch, errors, extra={**said})
    services.dispatcher.soon()
    detail = "The batch is cancelled." if batch.finished else "The batch is being cancelled."
    said = {"cancel": "requested", "detail": detail}
    return batch_response(batch, errors, status=202, extra={**said})


@router.post(
    "/{batch_id}/pause",
    summary="Pause a batch",
    response_class=Response,
    responses={200: _BATCH, **problems(404, 409)},
)
def pause_batch(request: Request, identity: Changer, batch_id: str) -> Response:
    """Begin none of its jobs any more; those that run go on to their end."""
    services = services_of(request)
    batch = services.batches.pause(identity.caller.id, batch_id)
    services.dispatcher.soon()
    return batch_response(batch, _errors(services, batch))


@router.post(
    "/{batch_id}/resume",
    summary="Resume a batch",
    response_class=Response,
    responses={200: _BATCH, **problems(404, 409, 422)},
)
def resume_batch(
    request: Request,
    identity: Changer,
    batch_id: str,
    max_cost_usd: Annotated[float | None, Query(ge=0, allow_inf_nan=False)] = None,
) -> Response:
    """Let its jobs go again; with `max_cost_usd`, until they have cost that much."""
    services = services_of(request)
    batch = services.batches.resume(identity.caller.id, batch_id, max_cost_usd=max_cost_usd)
    services.dispatcher.soon()
    return batch_response(batch, _errors(services, batch))


def _errors(services: Services, batch: Batch) -> list[LineFault]:
    """As many as a batch is shown with."""
    if batch.refused_count == 0:
        return []
    return services.batches.find_faults(batch.id)[:ERRORS_SHOWN]
