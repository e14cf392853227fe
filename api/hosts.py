"""The name that a request calls the API by: there once, well formed, and one of those allowed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from common.errors import RequestError

NOT_ALLOWED: Final = "host_not_allowed"
"""The code of the error for a name that is well formed, and none of the API's."""

_PRIVATE: Final = (
    *(".corp", ".home", ".home.arpa", ".internal", ".lan", ".local", ".localhost", ".mail"),
    ".test",
)
"""Below what nobody can own a name in public (RFC 6761, 6762, 8375; ICANN)."""
_LONGEST: Final = 262  # the longest name there is, a colon, a port
_WELL_FORMED: Final = re.compile(
    rb"([A-Za-z0-9_][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{0,5})?"
)


class Hosts:
    """Nothing is ever built from a host: it is only held against the names that are allowed."""

    def __init__(self, allowed: Sequence[str], *, nearby: bool = False) -> None:
        """Names in lower case, without ports; `*.example.com` stands for all below one.

        Without any, all are allowed; if `nearby`, only addresses and names that are in no public
        DNS: a page can make a name of its own lead to this machine, and read what is answered.
        """
        self._any = not allowed
        self._nearby = nearby
        self._names = frozenset(name for name in allowed if not name.startswith("*."))
        self._endings = tuple(name[1:] for name in allowed if name.startswith("*."))

    def check(self, sent: Sequence[bytes], http_version: str) -> RequestError | None:
        """What is wrong with the `Host` headers that were `sent`: a 400, or None.

        HTTP/1.0 knows no such header; without one a request goes by no name.
        """
        if len(sent) != 1:
            if sent or http_version != "1.0":
                return RequestError(400, "bad_request", "A request needs one Host header.")
            return None if self._any else _not_allowed()
        name = _name_in(sent[0]) if len(sent[0]) <= _LONGEST else None
        if name is None:
            return RequestError(400, "bad_request", "The Host header is not a name and a port.")
        if name in self._names or name.endswith(self._endings or "\0"):
            return None
        if self._any and not (self._nearby and _is_public(name)):
            return None
        return _not_allowed()


def _is_public(name: str) -> bool:
    """Whether anybody may own it: it has a dot, is no address, and not reserved for private use."""
    if name.startswith("[") or name.replace(".", "").isdigit():
        return False
    return "." in name and not name.endswith(_PRIVATE)


def _not_allowed() -> RequestError:
    message = "The API does not go by the name in Host (ALLOWED_HOSTS)."
    return RequestError(400, NOT_ALLOWED, message)


@lru_cache(maxsize=256)  # requests come by the same few names
def _name_in(host: bytes) -> str | None:
    match = _WELL_FORMED.fullmatch(host)
    return match[1].decode("ascii").lower().rstrip(".") if match else None
