"""The security headers that every answer carries, whoever makes it."""

from __future__ import annotations

from typing import Final

from api.rate_limits import Header

_ALWAYS: Final[tuple[Header, ...]] = (
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-xss-protection", b"1; mode=block"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
)
_CONTENT_SECURITY_POLICY: Final = (b"content-security-policy", b"default-src 'self'")
_STRICT_TRANSPORT: Final = (
    b"strict-transport-security",
    b"max-age=31536000; includeSubDomains",
)


def add_security_headers(headers: list[Header], *, secure: bool) -> None:
    """Add to `headers` what is missing; `secure` says whether the caller spoke TLS."""
    headers.extend(_ALWAYS)
    if not any(name == b"content-security-policy" for name, _ in headers):
        headers.append(_CONTENT_SECURITY_POLICY)
    if secure:
        headers.append(_STRICT_TRANSPORT)
