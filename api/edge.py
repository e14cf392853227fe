"""What the protocol needs to know to refuse a request that the application never sees."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp

from api.addresses import Addresses
from api.cross_origin import CrossOrigin
from api.exchange import new_request_id
from api.problems import problem
from api.security_headers import add_security_headers
from common.clock import monotonic
from common.errors import RequestError
from common.security_events import SecurityEvent, SecurityLog
from common.settings import Settings

Scope = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one connection, and all of them together, may take."""

    connections: int
    head_seconds: float
    window_seconds: float
    window_bytes: int
    """What a body or an answer has to move in each such window."""
    refused_bytes: int
    """What is still read, and thrown away, of a body that was refused."""


class Edge:
    """Bounds, and answers that look like those of the application."""

    def __init__(self, app: ASGIApp, settings: Settings, security: SecurityLog) -> None:
        self.bounds = Bounds(
            settings.max_connections,
            settings.header_timeout_seconds,
            settings.transfer_window_seconds,
            int(settings.min_bytes_per_second * settings.transfer_window_seconds),
            settings.max_request_size,
        )
        self._security = security
        self._addresses = Addresses(settings.trusted_proxies)
        self._security_headers = settings.enable_security_headers
        self._cross_origin: CrossOrigin | None = None
        if settings.cors_origins:
            self._cross_origin = CrossOrigin(
                app, origins=settings.cors_origins, credentials=settings.cors_allow_credentials
            )
        self._next_crowd_at = 0.0

    def answer(self, error: RequestError, scope: Scope) -> Response:
        """The problem that tells of `error`, with the headers of every answer."""
        request_id = new_request_id()
        answer = problem(error, request_id=request_id, instance=scope.get("path", "/"))
        answer.headers["x-request-id"] = request_id
        origin = dict(scope["headers"]).get(b"origin")
        if self._cross_origin is not None and origin is not None:
            self._cross_origin.add_to(answer, origin.decode("latin-1"))
        if self._security_headers:
            secure = self._addresses.read(scope).secure
            add_security_headers(answer.raw_headers, secure=secure)
        return answer

    def note_slow(self, scope: Scope, what: str) -> None:
        """A connection is given up because too little moves on it."""
        address = self._addresses.read(scope).address
        self._security.note(SecurityEvent.REQUEST_TOO_SLOW, address=address, what=what)

    def note_crowd(self, scope: Scope) -> None:
        """There is no place for a connection; said once a second at most."""
        now = monotonic()
        if now >= self._next_crowd_at:
            self._next_crowd_at = now + 1
            address = self._addresses.read(scope).address
            self._security.note(SecurityEvent.LIMIT_HIT, address=address, what="connections")
