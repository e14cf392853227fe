"""`POST /batches` and `POST /batches/{id}/retry-failed`: many documents in, a batch out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator
from functools import partial
from hashlib import sha256
from typing import Annotated, Any, Final

from anyio import CancelScope
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query
from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.auth import Identity
from api.batch_intake import media_type
from api.batch_members import accepted_response, with_errors
from api.batch_wire import BatchShape, LineProblem
from api.dependencies import SUBMIT_BATCHES, Services, services_of
from api.envelope import PREFIX
from api.exchange import exchange_of
from api.idempotency import read_key
from api.noticing import note_refused_line
from api.openapi import SUBMITTING_BATCH, problems
from api.problems import MEDIA_TYPE, problem
from common.batches.batch import LineFault
from common.batches.incoming import WITHIN, Incoming
from common.batches.retry import copy_failed
from common.batches.store import BatchStore
from common.errors import Fault, RequestError, TransientError
from common.jobs.new_job import Wish

router = APIRouter(prefix=f"{PREFIX}/batches", tags=["batches"])

_log = logging.getLogger("backbone.batches")

_FAULTS_AT_ONCE: Final = 200
_LINE_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["custom_id", "body"],
    "properties": {
        "custom_id": {"type": "string", "minLength": 1, "maxLength": 200},
        "body": {"$ref": "#/components/schemas/ProjectDocument"},
    },
}
_LINES: Final[dict[str, Any]] = {
    "schema": {"type": "string", "description": 'One `{"custom_id", "body"}` a line.'}
}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "JSON Lines, or a list of the same objects.",
        "content": {
            "application/jsonl": _LINES,
            "application/x-ndjson": _LINES,
            "application/json": {"schema": {"type": "array", "items": _LINE_SCHEMA}},
        },
    }
}
_ACCEPTED: Final[dict[int | str, dict[str, Any]]] = {
    202: {
        "model": BatchShape,
        "description": "The batch.",
        "headers": {
            "ETag": {"schema": {"type": "string"}},
            "Location": {"schema": {"type": "string"}},
        },
    }
}
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    422: {
        "model": LineProblem,
        "description": "No line is good, or one is wrong and `strict` was asked for.",
        "content": {MEDIA_TYPE: {}},
    }
}

Submitter = Annotated[Identity, Depends(SUBMIT_BATCHES)]
Cost = Annotated[
    float | None,
    Query(
        ge=0,
        allow_inf_nan=False,
        description="No job is begun once the others cost that much (0: anything).",
    ),
]


@router.post(
    "",
    status_code=202,
    summary="Submit a batch",
    response_class=Response,
    responses={**_ACCEPTED, **problems(400, 408, 413, 415), **_REFUSED},
    openapi_extra=_BODY | SUBMITTING_BATCH,
)
async def submit_batch(
    request: Request,
    identity: Submitter,
    *,
    strict: Annotated[bool, Query(description="Any fault refuses all lines.")] = False,
    max_cost_usd: Cost = None,
) -> Response:
    """Check every line, and make a job of each document; identical documents share one.

    The answer tells of every line that was refused. Accepted lines run whatever becomes of the
    others, unless `strict` is asked for.
    """
    services = services_of(request)
    media_type(request)
    key = read_key(request)
    about = f"strict={strict} max_cost_usd={max_cost_usd}"
    if key is not None:
        earlier = await run_sync(services.batches.find_wished, identity.caller.id, key, None)
        if earlier is not None:
            body = await _in_time(services.intake.digest(request))
            wish = Wish(key, _sha(body, about))
            return await _granted(services, identity.caller.id, wish)
    incoming = _new_batch(services, identity.caller.id, key, max_cost_usd=max_cost_usd)
    try:
        body = await _in_time(
            services.intake.take(
                request,
                incoming,
                identity.caller.id,
                strict=strict,
                refused=partial(note_refused_line, services.security, exchange_of(request)),
            )
        )
        refusal = _refusal(incoming, strict=strict)
        if refusal is not None:
            return _refused(request, services, incoming, refusal)
        return await _accept(services, identity.caller.id, incoming, _wish(key, body, about))
    except BaseException:
        await _discard(incoming)
        raise


@router.post(
    "/{batch_id}/retry-failed",
    status_code=202,
    summary="Retry the failed lines",
    response_class=Response,
    responses={**_ACCEPTED, **problems(400, 404, 409, 410, 422)},
    openapi_extra=SUBMITTING_BATCH,
)
async def retry_failed(
    request: Request, identity: Submitter, batch_id: str, max_cost_usd: Cost = None
) -> Response:
    """Run the lines that have failed so far again, as a batch of their own with `retry_of`.

    They keep their numbers and custom_ids. Without `max_cost_usd` it may cost what the first one
    may.
    """
    services = services_of(request)
    caller_id = identity.caller.id
    key = read_key(request)
    batch = await run_sync(services.batches.get, caller_id, batch_id)
    wish = _wish(key, f"retry-failed {batch_id}", f"max_cost_usd={max_cost_usd}")
    earlier = None
    if wish is not None:
        earlier = await run_sync(services.batches.find_wished, caller_id, wish.key, None)
    if wish is not None and earlier is not None:
        return await _granted(services, caller_id, wish)
    most = batch.max_cost_usd if max_cost_usd is None else max_cost_usd
    incoming = _new_batch(services, caller_id, key, max_cost_usd=most, retry_of=batch_id)
    try:
        await run_sync(copy_failed, services.database, batch, incoming)
        return await _accept(services, caller_id, incoming, wish)
    except BaseException:
        await _discard(incoming)
        raise


def _new_batch(
    services: Services,
    caller_id: str,
    key: str | None,
    *,
    max_cost_usd: float | None,
    retry_of: str | None = None,
) -> Incoming:
    return Incoming(
        services.database,
        services.clock,
        caller_id,
        lines_per_hour=services.settings.max_batch_lines_per_hour,
        retry_of=retry_of,
        max_cost_usd=max_cost_usd,
        idempotency_key=key,
    )


async def _in_time(taking: Coroutine[Any, Any, str]) -> str:
    """What it returns; RequestError 408 if that takes too long."""
    try:
        return await asyncio.wait_for(taking, WITHIN.total_seconds())
    except TimeoutError:
        minutes = int(WITHIN.total_seconds() // 60)
        raise RequestError(
            408, "too_slow", f"A batch has to come in within {minutes} minutes."
        ) from None


def _wish(key: str | None, body: str, about: str) -> Wish | None:
    """The wish for a batch of this body, with what was asked for beside it."""
    return None if key is None else Wish(key, _sha(body, about))


def _sha(body: str, about: str) -> str:
    return sha256(f"{body} {about}".encode()).hexdigest()


def _refusal(incoming: Incoming, *, strict: bool) -> RequestError | None:
    """Why none of it is accepted, if that is so."""
    if incoming.line_count == 0:
        message = "There is no line in it."
        return RequestError(
            422, "empty_batch", message, faults=(Fault("", "empty_batch", message),)
        )
    if incoming.good_count == 0:
        return RequestError(422, "no_valid_line", "None of the lines is valid.")
    if strict and incoming.refused_count:
        wrong = incoming.refused_count
        said = "1 line is" if wrong == 1 else f"{wrong} lines are"
        return RequestError(422, "invalid_lines", f"{said} wrong, so none was accepted.")
    return None


async def _accept(
    services: Services, caller_id: str, incoming: Incoming, wish: Wish | None
) -> Response:
    if not await run_sync(incoming.accept, wish.body_sha256 if wish else None):
        await _discard(incoming)
        assert wish is not None  # noqa: S101 - nothing else is in the way
        return await _granted(services, caller_id, wish)
    services.dispatcher.soon()
    batch = await run_sync(services.batches.get, caller_id, incoming.id)
    return accepted_response(batch, _all_faults(services.batches, batch.id))


async def _granted(services: Services, caller_id: str, wish: Wish) -> Response:
    """The batch that the same wish made before; RequestError 422 if it was another wish."""
    batch = await run_sync(services.batches.find_wished, caller_id, wish.key, wish.body_sha256)
    if batch is None:
        raise TransientError("batch_lost", "The batch of this Idempotency-Key has just gone.")
    return accepted_response(batch, _all_faults(services.batches, batch.id))


def _all_faults(batches: BatchStore, batch_id: str) -> Iterator[LineFault]:
    after = 0
    while found := batches.find_faults(batch_id, after_line=after, at_most=_FAULTS_AT_ONCE):
        yield from found
        after = found[-1].line


def _refused(
    request: Request, services: Services, incoming: Incoming, error: RequestError
) -> Response:
    """The problem with everything that is wrong; once it is sent nothing is left of the batch."""
    answer = problem(
        error, request_id=exchange_of(request).request_id, instance=request.scope["path"]
    )
    if error.faults:
        return answer
    pieces = with_errors(
        bytes(answer.body).removesuffix(b"}") + b',"errors":[',
        _all_faults(services.batches, incoming.id),
        b"]}",
    )

    async def send() -> AsyncIterator[bytes]:
        try:
            async for piece in iterate_in_threadpool(pieces):
                yield piece
        finally:
            await _discard(incoming)

    headers = {"cache-control": "no-store"}
    return StreamingResponse(send(), error.status, headers, MEDIA_TYPE)


async def _discard(incoming: Incoming) -> None:
    """Leave nothing of it, also where the request is being cancelled."""
    with CancelScope(shield=True):
        try:
            await run_sync(incoming.discard)
        except TransientError as error:  # beat removes it later
            _log.warning("batch.left", extra={"batch_id": incoming.id, "reason": str(error)})
