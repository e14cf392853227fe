"""Access tokens: one algorithm, issuer and audience, a name of their own, a birth and an end."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from jose import jwk, jws, jwt
from jose.exceptions import JOSEError
from jose.utils import base64url_decode

from common import clock
from common.document.strict_json import parse_json
from common.errors import RequestError
from common.settings import Settings, SettingsError, read_settings

ISSUER: Final = "backbone"
AUDIENCE: Final = "backbone-api"
LONGEST_TOKEN: Final = 4096
"""Characters."""
LONGEST_LIFETIME: Final = timedelta(days=366)
LEEWAY: Final = timedelta(seconds=30)
"""How far the clock of who signed may be ahead of ours."""
_LONGEST_NAME: Final = 200

# A token gets near the library only in this form: two parts more are an encrypted one, which would
# be unpacked to whatever size it says, and characters beyond base64 would be skipped in silence.
_FORM: Final = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_HEADER_MEMBERS: Final = frozenset({"alg", "typ", "kid"})
"""`kid` chooses nothing, for there is nothing to choose; others name keys, or change the rules."""


class TokenError(Exception):
    """A token that is not ours, not whole, or over."""


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What a valid token says: for whom (`sub`), for what, until when, and made from which key."""

    subject: str
    scopes: frozenset[str]
    key_id: str | None
    jti: str
    born_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenSigner:
    """The secret and the one algorithm that tokens are signed and accepted with."""

    secret: str = field(repr=False)
    algorithm: str
    previous: str | None = field(default=None, repr=False)
    """What was signed with the secret before is accepted, too."""

    def keys(self) -> list[jwk.Key]:
        """The keys that a token may be signed with."""
        # As keys: from text the library would read key sets in JSON, and keys of other algorithms.
        kept = (self.secret, self.previous)
        return [jwk.construct(secret, self.algorithm) for secret in kept if secret is not None]


def signer_from(settings: Settings) -> TokenSigner | None:
    """The signer that the settings describe; None without JWT_SECRET_KEY."""
    if settings.jwt_secret_key is None:
        return None
    previous = settings.jwt_secret_key_previous
    return TokenSigner(
        settings.jwt_secret_key.get_secret_value(),
        settings.jwt_algorithm,
        previous.get_secret_value() if previous else None,
    )


def can_sign(secret: str) -> bool:
    """Whether it is a secret, and not a public or private key, which others may know half of."""
    try:
        jwk.construct(secret, "HS256")
    except JOSEError:
        return False
    return True


def create_access_token(
    data: Mapping[str, object],
    expires_delta: timedelta | None = None,
    *,
    signer: TokenSigner | None = None,
    now: datetime | None = None,
) -> str:
    """A signed token with the claims of `data` (`sub`, `scopes`, `key_id`, `nbf`).

    `iat`, `exp`, `jti`, `iss` and `aud` are added. Without `expires_delta` it is good for
    JWT_EXPIRATION_HOURS; without a `signer` it is that of the settings; without `now` it is born at
    this moment. SettingsError for settings that are wrong, or without JWT_SECRET_KEY. ValueError
    for what no API would take: no `sub`, or more than LONGEST_LIFETIME.
    """
    if not _is_name(data.get("sub")):
        raise ValueError(f"sub: must be text of 1 to {_LONGEST_NAME} printable characters")
    if signer is None or expires_delta is None:
        settings = read_settings()
        signer = signer or signer_from(settings)
        if expires_delta is None:
            expires_delta = timedelta(hours=settings.jwt_expiration_hours)
    if signer is None:
        raise SettingsError("JWT_SECRET_KEY: must be set to sign tokens")
    if expires_delta > LONGEST_LIFETIME:
        raise ValueError(f"expires_delta: must be at most {LONGEST_LIFETIME.days} days")
    born = int((now or clock.now()).timestamp())
    claims = {
        **data,
        "iat": born,
        "exp": born + int(expires_delta.total_seconds()),
        "jti": secrets.token_urlsafe(16),
        "iss": ISSUER,
        "aud": AUDIENCE,
    }
    token: str = jwt.encode(claims, signer.secret, algorithm=signer.algorithm)
    return token


def read_access_token(
    token: str, *, signer: TokenSigner, now: datetime, early: bool = False
) -> TokenClaims:
    """The claims of a token that is ours and good at `now`; TokenError otherwise.

    With `early` also of one whose `nbf` is still to come. The error says no more than that: why a
    token is refused is nobody's business.
    """
    try:
        claims = _signed_claims(token, signer)
    except (JOSEError, RequestError, ValueError):
        claims = None
    # jose would hold times against a clock of its own, and asks for no claim to be there.
    if not isinstance(claims, dict) or not (_is_well_formed(claims) and _is_meant_for_us(claims)):
        raise TokenError("not a valid token")
    born, ends, starts = claims["iat"], claims["exp"], claims.get("nbf", 0)
    moment = now.timestamp()
    good = (
        born <= moment + LEEWAY.total_seconds()
        and moment < ends
        and 0 < ends - born <= LONGEST_LIFETIME.total_seconds()
        and (early or starts <= moment)
    )
    if not good:
        raise TokenError("not a valid token")
    return TokenClaims(
        claims["sub"],
        frozenset(claims.get("scopes", ())),
        claims.get("key_id"),
        claims["jti"],
        datetime.fromtimestamp(born, UTC),
        datetime.fromtimestamp(ends, UTC),
    )


def _signed_claims(token: str, signer: TokenSigner) -> object:
    """What the token says, if it was signed with a secret of ours; JOSEError, RequestError."""
    if len(token) > LONGEST_TOKEN or not _FORM.fullmatch(token):
        raise TokenError("not a token")
    header = parse_json(base64url_decode(token.partition(".")[0].encode("ascii")))
    if (
        not isinstance(header, dict)
        or not header.keys() <= _HEADER_MEMBERS
        or header.get("typ", "JWT") != "JWT"
    ):
        raise TokenError("not a token of ours")
    return parse_json(jws.verify(token, signer.keys(), [signer.algorithm]))


def _is_meant_for_us(claims: Mapping[str, Any]) -> bool:
    return claims.get("iss") == ISSUER and claims.get("aud") == AUDIENCE


def _is_well_formed(claims: Mapping[str, Any]) -> bool:
    scopes, key_id = claims.get("scopes", []), claims.get("key_id")
    return (
        _is_name(claims.get("sub"))
        and _is_name(claims.get("jti"))
        and (key_id is None or _is_name(key_id))
        and isinstance(scopes, list)
        and all(isinstance(scope, str) for scope in scopes)
        and all(_is_moment(claims.get(name)) for name in ("iat", "exp"))
        and _is_moment(claims.get("nbf", 0))
    )


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and value.isprintable()


def _is_moment(value: object) -> bool:
    """Whole epoch seconds; JSON's true is an int to Python."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
