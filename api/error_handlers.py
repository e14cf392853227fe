"""Every error that is raised while a request is served, turned into problem+json."""

from __future__ import annotations

import logging
import math
from http import HTTPStatus
from typing import Final, cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import services_of
from api.exchange import exchange_of
from api.noticing import note_refusal
from api.problems import problem
from common.errors import Fault, RequestError, TransientError

_log = logging.getLogger("backbone.http")

_CODES: Final = {404: "not_found", 405: "method_not_allowed"}


def install_error_handlers(app: FastAPI) -> None:
    """What is not handled here is a bug; the envelope answers it with a bare 500."""
    app.add_exception_handler(RequestError, _on_request_error)
    app.add_exception_handler(TransientError, _on_transient_error)
    app.add_exception_handler(RequestValidationError, _on_wrong_parameters)
    app.add_exception_handler(HTTPException, _on_http_exception)


def _answer(request: Request, error: RequestError) -> Response:
    exchange = exchange_of(request)
    return problem(error, request_id=exchange.request_id, instance=request.scope["path"])


async def _on_request_error(request: Request, raised: Exception) -> Response:
    error = cast("RequestError", raised)
    note_refusal(services_of(request).security, exchange_of(request), error)
    return _answer(request, error)


async def _on_transient_error(request: Request, raised: Exception) -> Response:
    error = cast("TransientError", raised)
    exchange = exchange_of(request)
    _log.error(
        "request.unable",
        extra={
            "request_id": exchange.request_id,
            "code": error.code,
            "reason": str(error.__cause__ or error.message),
        },
    )
    seconds = str(max(1, math.ceil(error.retry_after_seconds)))
    return _answer(
        request, RequestError(503, error.code, error.message, headers={"Retry-After": seconds})
    )


async def _on_wrong_parameters(request: Request, raised: Exception) -> Response:
    # Only parameters come here: bodies are read by hand. What was sent is not repeated.
    faults = []
    for fault in cast("RequestValidationError", raised).errors():
        place = ".".join(str(part) for part in fault["loc"][1:])
        message = f"{fault['loc'][0]} parameter {place}: {fault['msg']}"
        faults.append(Fault("", "invalid_parameter", message))
    return _answer(
        request,
        RequestError(422, "invalid_parameter", faults[0].message, faults=faults),
    )


async def _on_http_exception(request: Request, raised: Exception) -> Response:
    error = cast("HTTPException", raised)
    phrase = HTTPStatus(error.status_code).phrase
    code = _CODES.get(error.status_code, phrase.lower().replace(" ", "_"))
    detail = "There is nothing here." if error.status_code == HTTPStatus.NOT_FOUND else phrase
    return _answer(
        request, RequestError(error.status_code, code, detail, headers=dict(error.headers or {}))
    )
