"""The one layer around every request: its id, its answer's headers, its place in the metrics."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Final

from anyio.to_thread import run_sync
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.addresses import Addresses
from api.exchange import SAFE_METHODS, Exchange, start_exchange
from api.metrics import UNKNOWN_ROUTE, Metrics
from api.noticing import who
from api.problems import problem
from api.rate_limits import Header, RateLimits, Tier
from api.security_headers import add_security_headers
from common.clock import monotonic
from common.errors import RequestError

PREFIX: Final = "/api/v1"
_log = logging.getLogger("backbone.access")
_LEFT: Final = 499
"""Stands in the metrics for the answer to a caller who left before there was one."""


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
        exchange = start_exchange(scope, self._addresses.read(scope))
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
            route = _template(scope)
            self._metrics.count(scope["method"], route, status or _LEFT, seconds)
            _tell(exchange, scope["method"], route, status or _LEFT)

    async def _add_headers(self, scope: Scope, exchange: Exchange, headers: list[Header]) -> None:
        headers.append((b"x-request-id", exchange.request_id.encode("ascii")))
        if self._security_headers:
            add_security_headers(headers, secure=exchange.origin.secure)
        if exchange.turned_away or not self._limits.enabled:
            return
        if f"{scope['path']}/".startswith(f"{PREFIX}/"):
            if exchange.standing is None:
                # Answered before anybody counted it (a preflight, a failure): say how it stands.
                exchange.standing = await run_sync(self._limits.look, Tier.PUBLIC, exchange.address)
            headers.extend(exchange.standing.headers)


def _tell(exchange: Exchange, method: str, route: str, status: int) -> None:
    """Log what a known caller changed, or was refused. What is only read is told by metrics."""
    refused = status >= HTTPStatus.BAD_REQUEST
    if exchange.identity is None or (method in SAFE_METHODS and not refused):
        return
    if status == HTTPStatus.TOO_MANY_REQUESTS:  # an event of its own, which is kept from flooding
        return
    members = {"method": method, "route": route, "status": status}
    _log.info("request.answered", extra=members | who(exchange))


def _template(scope: Scope) -> str:
    route = scope.get("route")
    if route is None or route.name == UNKNOWN_ROUTE:
        return UNKNOWN_ROUTE
    template: str = route.path_format
    return template
