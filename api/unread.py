"""What a caller is still sending when it is refused.

A connection that is closed with something unread is reset, and the answer is lost on the way. On
one that stays open uvicorn reads the rest; where the caller wants it closed, we have to.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PATIENCE_SECONDS: Final = 10.0


class ReadTheRest:
    """Pure ASGI: before an answer that ends the connection, takes in what is left of the body."""

    def __init__(self, app: ASGIApp, *, at_most_bytes: int) -> None:
        """Beyond `at_most_bytes`, or some seconds, the caller has to do without an answer."""
        self._app = app
        self._at_most_bytes = at_most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not _closes(scope):
            await self._app(scope, receive, send)
            return
        whole = False

        async def receive_and_note() -> Message:
            nonlocal whole
            message = await receive()
            whole = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        async def read_the_rest() -> None:
            taken = 0
            while not whole and taken <= self._at_most_bytes:
                taken += len((await receive_and_note()).get("body", b""))

        async def send_after_the_rest(message: Message) -> None:
            if message["type"] == "http.response.start" and not whole:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(read_the_rest(), _PATIENCE_SECONDS)
            await send(message)

        await self._app(scope, receive_and_note, send_after_the_rest)


def _closes(scope: Scope) -> bool:
    closes, has_body, asks = scope.get("http_version") == "1.0", False, False
    for name, value in scope["headers"]:
        if name == b"connection" and b"close" in value.lower():
            closes = True
        elif name in {b"content-length", b"transfer-encoding"}:
            has_body = True
        elif name == b"expect":  # it waits for a word before it sends anything
            asks = True
    return closes and has_body and not asks
