"""The body of a request, as it streams in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final

from starlette.requests import ClientDisconnect, Request

from api.auth import LOCAL_IDENTITY
from api.exchange import exchange_of
from api.turns import Turns
from common.errors import RequestError

SMALL_BODY: Final = 64 * 1024
"""Bytes of a body of which nobody needs more than a few hundred."""
_LARGE: Final = 64 * 1024
"""A smaller one is read in some tens of milliseconds, whatever it says."""
_AT_ONCE: Final = 2
_PATIENCE_SECONDS: Final = 20.0
"""Less than proxies and clients have, so that they hear of it."""


class LargeBodies:
    """Has large bodies parsed a few at a time, and of everybody one.

    What is parsed may take twenty times its size, and more threads would not be done sooner: they
    wait for the interpreter's lock.
    """

    def __init__(self, turns: Turns | None = None) -> None:
        self._turns = turns or Turns(_AT_ONCE, patience_seconds=_PATIENCE_SECONDS)

    def turn(self, request: Request, body: bytes) -> AbstractAsyncContextManager[None]:
        """To be held while `body` is parsed; a small one waits for nobody.

        Entering it raises TransientError for one that has waited too long.
        """
        return self._turns.turn(sharer_of(request)) if len(body) > _LARGE else nullcontext()


def sharer_of(request: Request) -> str:
    """Whose turn it is: the verified caller's or, where nobody is asked who they are, an address's.

    Without authentication all are one caller, and one of them could keep all others waiting.
    """
    exchange = exchange_of(request)
    identity = exchange.identity
    if identity is None or identity is LOCAL_IDENTITY:
        return exchange.address
    return identity.caller.id


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body, whatever its Content-Type says; RequestError 413 past `limit` bytes."""
    return b"".join([chunk async for chunk in body_chunks(request, limit)])


async def body_chunks(request: Request, limit: int) -> AsyncIterator[bytes]:
    """The body in the pieces in which it arrives; RequestError 413 past `limit` bytes."""
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise too_large(limit)
            yield chunk
    except ClientDisconnect:
        raise RequestError(400, "bad_request", "The body ended before it was whole.") from None


def too_large(limit: int) -> RequestError:
    """The 413 for a body of more than `limit` bytes."""
    return RequestError(413, "too_large", f"The body is larger than {limit} bytes.")
