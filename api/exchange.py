"""What is known of one request and its answer while it is under way."""

from __future__ import annotations

import re
import secrets
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import HTTPConnection

from api.addresses import Origin
from api.auth import Identity
from api.rate_limits import Standing

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""They only read (RFC 9110, 9.2.1)."""
_KEY: Final = "backbone.exchange"
_ACCEPTABLE: Final = re.compile(rb"(?!bb_)[A-Za-z0-9._-]{8,64}\Z")
"""No key that we made, which begins so: a request id is repeated and logged."""

Scope = MutableMapping[str, Any]


@dataclass(slots=True)
class Exchange:
    """One request and its answer. The envelope makes it, the guard fills it in."""

    request_id: str
    origin: Origin
    identity: Identity | None = None
    standing: Standing | None = None
    turned_away: bool = False
    """Whether it was refused before anything was asked of it; nobody counts it."""

    @property
    def address(self) -> str:
        """Where the request came from, trusted proxies seen through."""
        return self.origin.address


def start_exchange(scope: Scope, origin: Origin) -> Exchange:
    """Begin an exchange. A request id that was sent along is kept if it is harmless."""
    request_id = ""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ACCEPTABLE.match(value) and not _is_shown(value, scope):
            request_id = value.decode("ascii")
            break
    exchange = Exchange(request_id or new_request_id(), origin)
    scope[_KEY] = exchange
    return exchange


def _is_shown(value: bytes, scope: Scope) -> bool:
    """Whether it is the credential of the same request."""
    return any(
        name in (b"x-api-key", b"authorization") and value in sent
        for name, sent in scope["headers"]
    )


def new_request_id() -> str:
    """An id for a request that brought none."""
    return f"req_{secrets.token_hex(12)}"


def exchange_in(scope: Scope) -> Exchange:
    """The exchange that was started in `scope`."""
    exchange: Exchange = scope[_KEY]
    return exchange


def exchange_of(connection: HTTPConnection) -> Exchange:
    """The exchange that a request belongs to."""
    return exchange_in(connection.scope)
