"""Every answer that is not a success is a problem (RFC 9457), made here and nowhere else."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from http.client import responses as phrases
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException as StarletteHTTPException

from app.core.headers import SAFE_HEADERS
from app.core.integrity import BUSY_NOW, OUT_OF_REACH, columns_at_fault, refusal

MEDIA_TYPE = "application/problem+json"
MAX_NAME_LENGTH = 200
MAX_ERRORS = 100
WITHOUT_BODY = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}

log = logging.getLogger(__name__)


class ProblemDetail(BaseModel):
    """One thing that is wrong with a request."""

    source: str
    """`body`, `query` or `path`."""
    pointer: str
    """RFC 6901: which member or parameter it is about."""
    code: str
    message: str


class Problem(BaseModel):
    """Why a request was not served."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[ProblemDetail] = []


def not_found(table: str) -> HTTPException:
    """Say that there is no such row."""
    return HTTPException(HTTPStatus.NOT_FOUND, f"There is no such row of {table}.")


def refuses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the problems that a route may answer with, for its OpenAPI entry."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


def install_error_handlers(app: FastAPI) -> None:
    """Turn everything that is raised on the way to an answer into a problem."""
    app.exception_handler(StarletteHTTPException)(_on_http_exception)
    app.exception_handler(RequestValidationError)(_on_invalid_request)
    app.exception_handler(DBAPIError)(_on_database_error)
    app.exception_handler(NoConnectionError)(_on_exhausted_pool)
    app.exception_handler(StaleDataError)(_on_vanished_row)
    app.exception_handler(Exception)(_on_bug)


def _answer(status: int, detail: str, errors: Sequence[ProblemDetail] = ()) -> JSONResponse:
    title = phrases.get(status, f"Status {status}")
    problem = Problem(title=title, status=status, detail=detail, errors=list(errors))
    headers = {"Retry-After": "1"} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    return JSONResponse(problem.model_dump(), status, headers, MEDIA_TYPE)


def _on_http_exception(request: Request, error: StarletteHTTPException) -> Response:
    if error.status_code in WITHOUT_BODY:
        return Response(status_code=error.status_code, headers=error.headers)
    answer = _answer(error.status_code, str(error.detail))
    answer.headers.update(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and (methods := _methods(request)):
        answer.headers["Allow"] = methods
    return answer


def _methods(request: Request) -> str:
    """List all methods of a path, of which the route that refused one knows only its own."""
    path = getattr(request.scope.get("route"), "path_format", "")
    routes = [one for one in iter_route_contexts(request.app.routes) if one.path_format == path]
    return ", ".join(sorted({method for route in routes for method in route.methods or ()}))


def _on_invalid_request(_request: Request, error: RequestValidationError) -> JSONResponse:
    errors = [_detail(fault) for fault in error.errors()[:MAX_ERRORS]]
    return _answer(HTTPStatus.UNPROCESSABLE_ENTITY, "The request is not valid.", errors)


def _detail(fault: dict[str, Any]) -> ProblemDetail:
    source, *parts = fault["loc"]
    message = fault["msg"]
    if fault["type"] == "json_invalid":
        message = f"should be JSON; at character {parts.pop()}: {fault['ctx']['error']}"
    return ProblemDetail(
        source=str(source),
        pointer="".join(f"/{_segment(part)}" for part in parts),
        code=fault["type"],
        message=message,
    )


def _segment(part: str | int) -> str:
    """Write a name as RFC 6901 does; the sender may have made it long, or not even text."""
    name = str(part)[:MAX_NAME_LENGTH].encode("utf-8", "replace").decode("utf-8")
    return name.replace("~", "~0").replace("/", "~1")


def _on_database_error(request: Request, error: DBAPIError) -> JSONResponse:
    refused = refusal(error, request.method)
    if refused is None:
        raise error
    if refused is OUT_OF_REACH:
        log.warning("The database cannot be reached: %s", error.orig)
    at_fault = columns_at_fault(error) if request.method in {"POST", "PATCH"} else []
    errors = [
        ProblemDetail(
            source="body",
            pointer=f"/{_segment(column)}",
            code=refused.code,
            message=refused.detail,
        )
        for column in at_fault
    ]
    return _answer(refused.status, refused.detail, errors)


def _on_exhausted_pool(_request: Request, _error: Exception) -> JSONResponse:
    return _answer(BUSY_NOW.status, BUSY_NOW.detail)


def _on_vanished_row(_request: Request, _error: Exception) -> JSONResponse:
    return _answer(HTTPStatus.NOT_FOUND, "It was deleted in the meantime.")


def _on_bug(_request: Request, _error: Exception) -> JSONResponse:
    answer = _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side.")
    answer.headers.update(
        SAFE_HEADERS
    )  # it is made outside of all that is added to the application
    return answer
