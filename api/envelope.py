"""The one layer around every request: its id, its answer's headers, its place in the metrics."""

from __future__ import annotations

from typing import Final

from anyio.to_thread import run_sync
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.addresses import Addresses
from api.exchange import Exchange, start_exchange
from api.metrics import UNKNOWN_ROUTE, Metrics
from api.problems import problem
from api.rate_limits import Header, RateLimits, Tier
from common.clock import monotonic
from common.errors import RequestError

PREFIX: Final = "/api/v1"
_LEFT: Final = 499
"""Stands in the metrics for the answer to a caller who left before there was one."""

_SECURITY_HEADERS: Final[tuple[Header, ...]] = (
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-xss-protection", b"1; mode=block"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
)
_CONTENT_SECURITY_POLICY: Final = (b"content-security-policy", b"default-src 'self'")
_STRICT_TRANSPORT: Final = (
    b"strict-transport-security",
    b"max-age=31536000; includeSubDomains",
)


class Envelope:
    """Pure ASGI: adds headers to the start of every answer and touches nothing else."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        addresses: Addresses,
        limits: RateLimits,
        metrics: Metrics,
        security_headers: bool,
    ) -> None:
        self._app = app
        self._addresses = addresses
        self._limits = limits
        self._metrics = metrics
        self._security_headers = security_headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_at = monotonic()
        address, secure = self._addresses.read(scope)
        exchange = start_exchange(scope, address=address, secure=secure)
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ())]
                await self._add_headers(scope, exchange, headers)
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except RequestError as error:  # from a layer around the application
            answer = problem(error, request_id=exchange.request_id, instance=scope["path"])
            await answer(scope, receive, send_with_headers)
        finally:
            seconds = monotonic() - started_at
            self._metrics.count(scope["method"], _template(scope), status or _LEFT, seconds)

    async def _add_headers(self, scope: Scope, exchange: Exchange, headers: list[Header]) -> None:
        headers.append((b"x-request-id", exchange.request_id.encode("ascii")))
        if self._security_headers:
            headers.extend(_SECURITY_HEADERS)
            if not any(name == b"content-security-policy" for name, _ in headers):
                headers.append(_CONTENT_SECURITY_POLICY)
            if exchange.secure:
                headers.append(_STRICT_TRANSPORT)
        if self._limits.enabled and f"{scope['path']}/".startswith(f"{PREFIX}/"):
            if exchange.standing is None:
                # Answered before anybody counted it (a preflight, a failure): say how it stands.
                exchange.standing = await run_sync(self._limits.look, Tier.PUBLIC, exchange.address)
            headers.extend(exchange.standing.headers)


def _template(scope: Scope) -> str:
    route = scope.get("route")
    if route is None or route.name == UNKNOWN_ROUTE:
        return UNKNOWN_ROUTE
    template: str = route.path_format
    return template
