"""What `/openapi.json` says beyond what FastAPI finds out by itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from api.admin_bodies import BODIES
from api.batch_wire import LineResultShape
from api.problems import MEDIA_TYPE
from api.wire import JobShape, Problem, PromptShape, RateLimitProblem
from common.document.models import ProjectDocument

Responses = dict[int | str, dict[str, Any]]

_EXAMPLE: Final[dict[str, object]] = {
    "project_name": "notes",
    "db_type": "sqlite",
    "schema": [
        {
            "table_name": "notes",
            "class_name": "Note",
            "options": {"use_timestamps": True},
            "columns": [
                {"name": "id", "type": "Integer", "primary_key": True, "autoincrement": True},
                {"name": "title", "type": "String", "length": 200, "nullable": False},
            ],
        }
    ],
}
_DETAILS: Final = {
    304: "Not changed since the revision in If-None-Match.",
    400: "Not readable: not HTTP or JSON, over a limit, or suspicious; a credential in the query;"
    " or another Host.",
    401: "No valid credential.",
    403: "The credential lacks the scope, or nothing is taken from this address.",
    404: "There is none (or it is another caller's).",
    408: "It did not come in in time.",
    409: "Not in this state.",
    410: "It was there and has expired.",
    413: "The body is too large.",
    415: "Not in this form, or compressed.",
    422: "The document or a parameter is wrong.",
    429: "Too many requests.",
    431: "The head of the request is too large.",
    503: "Not able right now.",
}
_OVERLOADED: Final = {
    "description": "Not able right now; or `overloaded`: other large bodies were before this one"
    " for too long, and nothing came of it.",
    "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}},
}
_ALWAYS: Final = (400, 401, 403, 408, 413, 429, 431, 503)
_OUTSIDE: Final = (400, 403, 408, 431, 503)
"""Errors that calls outside the prefix may answer with: those from before a route is looked for."""
_RATE_HEADERS: Final = {
    "X-Request-ID": {"schema": {"type": "string"}},
    "X-RateLimit-Limit": {"schema": {"type": "integer"}},
    "X-RateLimit-Remaining": {"schema": {"type": "integer"}},
    "X-RateLimit-Reset": {"schema": {"type": "integer"}, "description": "Epoch seconds."},
    "RateLimit-Policy": {"schema": {"type": "string"}},
    "RateLimit": {"schema": {"type": "string"}},
}


def _job(
    description: str, more_headers: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    headers = {
        "ETag": {"schema": {"type": "string"}},
        "Retry-After": {"schema": {"type": "integer"}, "description": "While not finished."},
    }
    for name, meaning in more_headers.items():
        headers[name] = {"schema": {"type": "string"}, "description": meaning}
    return {"model": JobShape, "description": description, "headers": headers}


JOB: Final = _job("The job.")


def _request_header(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": {"type": "string"},
    }


CONDITIONAL: Final[dict[str, Any]] = {
    "parameters": [_request_header("If-None-Match", "The ETag that is known already.")]
}
SUBMITTING: Final[dict[str, Any]] = {
    "parameters": [
        _request_header(
            "Idempotency-Key",
            "Makes one job of equal requests within 24 hours; quoted or bare.",
        ),
        _request_header("Prefer", "`wait=N`: answer when the job has finished, or after N s (60)."),
    ]
}
SUBMITTING_BATCH: Final[dict[str, Any]] = {
    "parameters": [
        _request_header(
            "Idempotency-Key",
            "Makes one batch of equal requests within 24 hours; quoted or bare.",
        )
    ]
}
_ABOUT_WAITING: Final = {
    "Location": "Where the job is.",
    "Preference-Applied": "`wait=N`, where it was waited for the job to finish.",
}
SUBMITTED: Final[Responses] = {
    200: _job("The job; it has finished within the time of `Prefer: wait=N`.", _ABOUT_WAITING),
    202: _job("The job.", _ABOUT_WAITING),
}

DOCUMENT_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "A project document, or words that a language model makes one of; read as"
        " JSON whatever the Content-Type says.",
        "content": {
            "application/json": {
                "schema": {
                    "anyOf": [
                        {"$ref": "#/components/schemas/ProjectDocument"},
                        {"$ref": "#/components/schemas/Prompt"},
                    ]
                },
                "example": _EXAMPLE,
            }
        },
    }
}
PROMPT_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "Words; read as JSON whatever the Content-Type says.",
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/Prompt"},
                "example": {"prompt": "A library with members, books and loans of two weeks."},
            }
        },
    }
}


def problems(
    *statuses: int, headers_only: tuple[int, ...] = (), in_turns: bool = False
) -> Responses:
    """The errors that a call under the prefix may answer with, beside those that all may.

    `in_turns` where large bodies are read in turns.
    """
    described: Responses = {
        status: {
            "model": RateLimitProblem if status == 429 else Problem,  # noqa: PLR2004 - a status
            "description": _DETAILS[status],
            "content": {MEDIA_TYPE: {}},
        }
        for status in sorted({*statuses, *_ALWAYS})
    }
    if in_turns:
        described[503] |= _OVERLOADED
    for status in headers_only:
        described[status] = {"description": _DETAILS[status]}
    return described


def install_openapi(app: FastAPI, *, auth: bool) -> None:
    """Make `app.openapi()` complete: schemas of bodies read by hand, credentials, headers."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            _add_bodies(schema)
            _drop_default_errors(schema)
            _move_problems(schema)
            _add_refusals(schema)
            _add_headers(schema)
            if auth:
                _add_credentials(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _operations(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (path, operation)
        for path, methods in schema["paths"].items()
        for operation in methods.values()
    ]


def _add_bodies(schema: dict[str, Any]) -> None:
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    bodies: dict[str, type[BaseModel]] = {
        "ProjectDocument": ProjectDocument,
        "Prompt": PromptShape,
        "LineResult": LineResultShape,
        **{body.__name__: body for body in BODIES},
    }
    for name, model in bodies.items():
        described = model.model_json_schema(
            by_alias=True, ref_template="#/components/schemas/{model}"
        )
        schemas.update(described.pop("$defs", {}))
        schemas[name] = described


def _drop_default_errors(schema: dict[str, Any]) -> None:
    # FastAPI adds a 422 of its own to whatever has a parameter. Ours are told where they occur.
    for _, operation in _operations(schema):
        content = operation["responses"].get("422", {}).get("content", {})
        if "HTTPValidationError" in str(content):
            del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        schema["components"]["schemas"].pop(name, None)


def _move_problems(schema: dict[str, Any]) -> None:
    # FastAPI files every model under application/json; ours go as problem+json.
    for _, operation in _operations(schema):
        for response in operation["responses"].values():
            content = response.get("content", {})
            if MEDIA_TYPE in content and "application/json" in content:
                content[MEDIA_TYPE] = content.pop("application/json")


def _add_refusals(schema: dict[str, Any]) -> None:
    """What no route knows of: requests that none of them sees, and compressed bodies."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            statuses = (415,) if method == "post" else ()
            for status in statuses if path.startswith("/api/") else _OUTSIDE:
                operation["responses"].setdefault(
                    str(status), {"description": _DETAILS[status], "content": content}
                )


def _add_headers(schema: dict[str, Any]) -> None:
    for path, operation in _operations(schema):
        for response in operation["responses"].values():
            added = (
                _RATE_HEADERS
                if path.startswith("/api/")
                else {"X-Request-ID": _RATE_HEADERS["X-Request-ID"]}
            )
            response["headers"] = {**response.get("headers", {}), **added}


def _add_credentials(schema: dict[str, Any]) -> None:
    schema["components"]["securitySchemes"] = {
        "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "Token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    }
    for path, operation in _operations(schema):
        if path.startswith("/api/"):
            operation["security"] = [{"ApiKey": []}, {"Token": []}]
