"""Bugs: the caller is told that there was one, the log is told all of it."""

from __future__ import annotations

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.exchange import exchange_in
from api.problems import problem
from common.errors import RequestError

_log = logging.getLogger("backbone.http")


class Failures:
    """Pure ASGI: answers with a bare 500 whatever escapes from within."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. What fails after its answer has begun is passed on, to cut it off."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception:
            request_id = exchange_in(scope).request_id
            _log.exception("request.failed", extra={"request_id": request_id})
            if begun:
                raise
            error = RequestError(
                500, "internal_error", "Something went wrong here; the request id helps to find it."
            )
            answer = problem(error, request_id=request_id, instance=scope["path"])
            await answer(scope, receive, send)
