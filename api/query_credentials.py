"""Credentials where none belongs: in the query string, which proxies write into their logs."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from common.errors import RequestError

_NAMES: Final = frozenset(
    {
        "accesstoken",
        "apikey",
        "apitoken",
        "auth",
        "authorization",
        "authtoken",
        "bearer",
        "bearertoken",
        "credential",
        "credentials",
        "jwt",
        "key",
        "password",
        "secret",
        "token",
        "xapikey",
    }
)
"""In lower case, without what separates words; no parameter of ours is called like one of them."""
_SEPARATORS: Final = str.maketrans("", "", "-_. ")


def refuse_credentials(query: bytes) -> None:
    """RequestError 400 where a parameter of the query string is called like a credential.

    In any spelling. What was sent is not repeated.
    """
    if not query:
        return
    names = (name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    if any(name.lower().translate(_SEPARATORS) in _NAMES for name in names):
        raise RequestError(
            400,
            "credential_in_query",
            "A credential is sent as a header (X-API-Key or Authorization), never in the query"
            " string: addresses are written to logs. Have the one that was in this one replaced.",
        )
