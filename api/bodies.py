"""The body of a request, as it streams in."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from common.errors import RequestError


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
