"""What browsers may do from pages of other origins."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from common.errors import RequestError
from common.settings import Settings

_MAY_SEND: Final = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "Prefer",
    "X-API-Key",
    "X-Request-ID",
)
_MAY_READ: Final = (
    "ETag",
    "Link",
    "Location",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
    "X-Next-Cursor",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-ID",
)


class CrossOrigin(CORSMiddleware):
    """Starlette's rules, with our way of saying no."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """With `*` or `null` among the origins no credentials are let through, whatever is asked.

        `null` is what every page may send that is in a sandbox.
        """
        origins = settings.cors_origins
        super().__init__(
            app,
            allow_origins=origins,
            allow_credentials=settings.cors_allow_credentials and not {"*", "null"} & {*origins},
            allow_methods=("GET", "POST", "PATCH", "DELETE"),
            allow_headers=_MAY_SEND,
            expose_headers=_MAY_READ,
            max_age=600,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """The answer to a preflight; RequestError 400 for an origin, method or header too many."""
        answer = super().preflight_response(request_headers)
        if answer.status_code != HTTPStatus.OK:
            raise RequestError(400, "cross_origin_refused", bytes(answer.body).decode() + ".")
        return answer

    def add_to(self, answer: Response, scope: Scope) -> None:
        """Let the page that asks read an answer that did not come from within, where it may."""
        origin = Headers(scope=scope).get("origin")
        if origin is None:
            return
        answer.headers.update(self.simple_headers)
        if not self.allow_all_origins and self.is_allowed_origin(origin):
            self.allow_explicit_origin(answer.headers, origin)


def make_cross_origin(app: ASGIApp, settings: Settings) -> CrossOrigin | None:
    """The rules of the settings, for answers that do not come from `app`; None without any."""
    return CrossOrigin(app, settings) if settings.cors_origins else None
