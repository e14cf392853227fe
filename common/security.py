"""Access tokens: signed with one pinned algorithm, never without an end, a subject and a birth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from jose import JWTError, jwt

# jose holds `exp` and `nbf` against a clock of its own, and a claim that it requires likewise:
# what a token must have, and when it is good, is checked below.
_OPTIONS: Final = {"verify_exp": False, "verify_nbf": False, "verify_aud": False}


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


def read_access_token(token: str, *, signer: TokenSigner, now: datetime) -> TokenClaims:
    """The claims of a token that is ours and good at `now`; TokenError otherwise.

    The error says no more than that: why a token is refused is nobody's business.
    """
    try:
        claims = jwt.decode(token, signer.secret, algorithms=[signer.algorithm], options=_OPTIONS)
    except (JWTError, ValueError, TypeError) as error:
        raise TokenError("not a valid token") from error
    subject, scopes, key_id = claims.get("sub"), claims.get("scopes", []), claims.get("key_id")
    expires_at, starts_at = claims.get("exp"), claims.get("nbf", 0)
    valid = (
        isinstance(subject, str)
        and subject != ""
        and isinstance(key_id, str | None)
        and isinstance(scopes, list)
        and all(isinstance(scope, str) for scope in scopes)
        and isinstance(claims.get("iat"), int)
        and isinstance(expires_at, int | float)
        and isinstance(starts_at, int | float)
        and starts_at <= now.timestamp() < expires_at
    )
    if not valid:
        raise TokenError("not a valid token")
    return TokenClaims(subject, frozenset(scopes), key_id, int(expires_at))
