"""The body of a request, as it streams in."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request

from common.errors import RequestError


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body, whatever its Content-Type says; RequestError 413 past `limit` bytes."""
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise too_large(limit)
            chunks.append(chunk)
    except ClientDisconnect:
        raise RequestError(400, "bad_request", "The body ended before it was whole.") from None
    return b"".join(chunks)


def too_large(limit: int) -> RequestError:
    """The 413 for a body of more than `limit` bytes."""
    return RequestError(413, "too_large", f"The body is larger than {limit} bytes.")
