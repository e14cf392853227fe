"""What the protocol needs to know to refuse a request that the application never sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response
from starlette.types import ASGIApp

from api.addresses import Addresses
from api.cross_origin import make_cross_origin
from api.dependencies import Services
from api.exchange import new_request_id
from api.metrics import UNKNOWN_ROUTE
from api.problems import problem
from api.security_headers import add_security_headers
from common.errors import RequestError
from common.security_events import SecurityEvent

Scope = MutableMapping[str, Any]
Client = tuple[str, int] | None

_REFUSED_SECONDS: Final = 30.0
_COME_AGAIN: Final = {"Retry-After": "5"}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one connection, and all of them together, may take."""

    connections: int
    connections_each: int
    """Of one address, unless it is this machine's or a trusted proxy's."""
    head_seconds: float
    window_seconds: float
    window_bytes: int
    """What a body or an answer has to move in each such window."""
    refused_bytes: int
    refused_seconds: float
    """What is still read, and thrown away, of a body that was refused, and for how long."""


_THIS_MACHINE: Final = frozenset({"127.0.0.1", "::1"})


class Edge:
    """Bounds, and answers that look like those of the application."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        settings = services.settings
        self.bounds = Bounds(
            settings.max_connections,
            max(1, settings.max_connections // 4),
            settings.header_timeout_seconds,
            settings.transfer_window_seconds,
            int(settings.min_bytes_per_second * settings.transfer_window_seconds),
            settings.max_request_size,
            min(2 * settings.transfer_window_seconds, _REFUSED_SECONDS),
        )
        self._security = services.security
        self._metrics = services.metrics
        self._addresses = Addresses(settings.trusted_proxies)
        self._security_headers = settings.enable_security_headers
        self._cross_origin = make_cross_origin(app, settings)
        self._open: Counter[str] = Counter()

    def answer(self, error: RequestError, scope: Scope) -> Response:
        """The problem that tells of `error`, with the headers of every answer; it is counted."""
        method = scope.get("method", "")
        self._metrics.count(method, UNKNOWN_ROUTE, error.status, seconds=None)
        request_id = new_request_id()
        answer = problem(error, request_id=request_id, instance=scope.get("path", "/"))
        answer.headers["x-request-id"] = request_id
        if self._cross_origin is not None:
            self._cross_origin.add_to(answer, scope)
        if self._security_headers:
            secure = self._addresses.read(scope).secure
            add_security_headers(answer.raw_headers, secure=secure)
        return answer

    def note_slow(self, scope: Scope, what: str) -> None:
        """A connection is given up because too little moves on it."""
        address = self._addresses.read(scope).address
        self._security.note(SecurityEvent.REQUEST_TOO_SLOW, address=address, what=what)

    def is_proxy(self, client: Client) -> bool:
        """Whether who is connected is a proxy that is trusted."""
        return self._addresses.is_proxy(client)

    def _may_have_all(self, client: Client) -> bool:
        # A proxy, also one on this machine that nobody named, speaks for many
        return client is None or client[0] in _THIS_MACHINE or self.is_proxy(client)

    def enter(self, client: Client, count: int) -> RequestError | None:
        """Take a connection in, of `count` that are open; why there is no place for it, if so.

        Each one has to `leave`, also if there was none.
        """
        address = self._bucket(client)
        self._open[address] += 1
        if count > self.bounds.connections:
            status, what = 503, "all"
        elif self._open[address] > self.bounds.connections_each and not self._may_have_all(client):
            status, what = 429, "address"
        else:
            return None
        self._security.note(SecurityEvent.CONNECTION_REFUSED, address=address, what=what)
        return RequestError(
            status, "too_many_connections", "Too many connections.", headers=_COME_AGAIN
        )

    def leave(self, client: Client) -> None:
        """A connection is closed."""
        address = self._bucket(client)
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]

    def _bucket(self, client: Client) -> str:
        return self._addresses.read({"client": client, "headers": []}).address
