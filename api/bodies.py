"""The body of a request, as it streams in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final

from starlette.requests import ClientDisconnect, Request

from common.errors import RequestError

SMALL_BODY: Final = 64 * 1024
"""Bytes of a body of which nobody needs more than a few hundred."""
_LARGE: Final = 256 * 1024
_AT_ONCE: Final = 2


class LargeBodies:
    """Has large bodies parsed a few at a time.

    What is parsed may take twenty times its size, and more threads would not be done sooner: they
    wait for the interpreter's lock.
    """

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(_AT_ONCE)

    def turn(self, body: bytes) -> AbstractAsyncContextManager[None]:
        """To be held while `body` is parsed; a small one waits for nobody."""
        return self._places if len(body) > _LARGE else nullcontext()


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
