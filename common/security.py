"""Access tokens: signed with one pinned algorithm, never without an end, a subject and a birth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from jose import JWTError, jwt

_MUST_HAVE = {"require_exp": True, "require_iat": True, "require_sub": True, "verify_aud": False}


class TokenError(Exception):
    """A token that is not ours, not whole, or over."""


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What a valid token says: for whom (`sub`), for what, until when, and made from which key."""

    subject: str
    scopes: frozenset[str]
    key_id: str | None
    expires_at_seconds: int
    """Epoch seconds."""


@dataclass(frozen=True, slots=True)
class TokenSigner:
    """The secret and the one algorithm that tokens are signed and accepted with."""

    secret: str
    algorithm: str


def create_access_token(
    data: Mapping[str, object], expires_delta: timedelta, *, signer: TokenSigner, now: datetime
) -> str:
    """A signed token with the claims of `data` (`sub`, `scopes`, `key_id`) plus `iat` and `exp`."""
    born = int(now.timestamp())
    claims = {**data, "iat": born, "exp": born + int(expires_delta.total_seconds())}
    token: str = jwt.encode(claims, signer.secret, algorithm=signer.algorithm)
    return token


def read_access_token(token: str, *, signer: TokenSigner) -> TokenClaims:
    """The claims of a token that is ours and not over; TokenError otherwise, which says no more."""
    try:
        claims = jwt.decode(
            token, signer.secret, algorithms=[signer.algorithm], options=_MUST_HAVE
        )
    except (JWTError, ValueError, TypeError) as error:
        raise TokenError("not a valid token") from error
    subject, scopes, key_id = claims["sub"], claims.get("scopes", []), claims.get("key_id")
    if not isinstance(subject, str) or not subject or not isinstance(key_id, str | None):
        raise TokenError("not a valid token")
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        raise TokenError("not a valid token")
    return TokenClaims(subject, frozenset(scopes), key_id, int(claims["exp"]))
