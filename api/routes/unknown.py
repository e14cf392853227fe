"""Whatever else is asked for under the prefix: counted like everything, then refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match

from api.auth import Identity
from api.dependencies import ANYONE_KNOWN
from api.envelope import PREFIX
from api.metrics import UNKNOWN_ROUTE
from common.batches.batch import no_such_batch
from common.errors import RequestError
from common.jobs.store import no_such_job

_METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


_BY_ID: Final = {b"jobs": no_such_job, b"batches": no_such_batch}


def _has_slash_in_id(request: Request) -> RequestError | None:
    """The 404 of a job or a batch, if one was asked for by an id that none can have."""
    raw: bytes = request.scope.get("raw_path") or b""
    if b"%2f" not in raw.lower():
        return None
    for noun, refusal in _BY_ID.items():
        if raw.startswith(PREFIX.encode() + b"/" + noun + b"/"):
            return refusal()
    return None


def unknown_router(known: Sequence[BaseRoute]) -> APIRouter:
    """A router to be included last, after all `known` routes."""
    router = APIRouter(prefix=PREFIX)

    def unknown_route(
        request: Request,
        identity: Annotated[Identity, Depends(ANYONE_KNOWN)],  # noqa: ARG001 - the guard
    ) -> Response:
        allowed = sorted(
            {
                method
                for route in known
                if route.matches(request.scope)[0] is Match.PARTIAL
                for method in getattr(route, "methods", None) or ()
            }
        )
        if not allowed:
            nothing = RequestError(404, "not_found", "There is nothing here.")
            raise _has_slash_in_id(request) or nothing
        raise RequestError(
            405,
            "method_not_allowed",
            f"This takes {', '.join(allowed)}.",
            headers={"Allow": ", ".join(allowed)},
        )

    for path in ("", "/{rest:path}"):
        router.add_api_route(
            path, unknown_route, methods=_METHODS, name=UNKNOWN_ROUTE, include_in_schema=False
        )
    return router
