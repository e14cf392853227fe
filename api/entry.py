"""Whether a request may come in at all: from where it comes, and the name it calls the API by.

Also from which page, while nobody has to say who they are.
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.cross_origin import CrossOrigin
from api.exchange import SAFE_METHODS, exchange_in
from api.hosts import NOT_ALLOWED, Hosts
from api.problems import problem
from common.errors import RequestError
from common.security_events import SecurityEvent, SecurityLog

_PROBES: Final = frozenset({"/health/liveness", "/health/readiness"})
"""What load balancers ask, by address instead of by name. The answer tells nobody anything."""


class Entry:
    """Pure ASGI: answers 403 to an address and 400 to a host; what may come in it leaves alone.

    Probes may call the API by any name, and on its own machine they may come from any address.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Hosts,
        security: SecurityLog,
        cross_origin: CrossOrigin | None,
        auth: bool,
    ) -> None:
        """Without `auth` nothing is changed for a page of another origin: it needs no credential.

        Where there is one, such a page has to know it.
        """
        self._app = app
        self._hosts = hosts
        self._security = security
        self._cross_origin = cross_origin
        self._auth = auth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        refused = self._look_at(scope) if scope["type"] == "http" else None
        if refused is None:
            await self._app(scope, receive, send)
            return
        event, error = refused
        exchange = exchange_in(scope)
        exchange.turned_away = True
        self._security.note(event, request_id=exchange.request_id, address=exchange.address)
        answer = problem(error, request_id=exchange.request_id, instance=scope["path"])
        if self._cross_origin is not None:
            self._cross_origin.add_to(answer, scope)
        await answer(scope, receive, send)

    def _look_at(self, scope: Scope) -> tuple[SecurityEvent, RequestError] | None:
        origin = exchange_in(scope).origin
        is_probe = scope["path"] in _PROBES
        if origin.refused and not (is_probe and origin.local):
            error = RequestError(403, "address_refused", "Nothing is taken from this address.")
            return SecurityEvent.ADDRESS_REFUSED, error
        sent = [value for name, value in scope["headers"] if name == b"host"]
        refusal = self._hosts.check(sent, scope["http_version"])
        if refusal is not None and not (is_probe and refusal.code == NOT_ALLOWED):
            return SecurityEvent.HOST_REFUSED, refusal
        if not self._auth and scope["method"] not in SAFE_METHODS and self._is_foreign(scope):
            message = "Without authentication nothing is taken from a page of another origin."
            error = RequestError(403, "cross_origin_refused", message)
            return SecurityEvent.ORIGIN_REFUSED, error
        return None

    def _is_foreign(self, scope: Scope) -> bool:
        """Whether it comes from a page that is neither ours nor of `CORS_ORIGINS`."""
        headers = Headers(scope=scope)
        page = headers.get("origin")
        if page is None or (self._cross_origin and self._cross_origin.is_allowed_origin(page)):
            return False
        return page.partition("://")[2].lower() != headers.get("host", "").lower()
