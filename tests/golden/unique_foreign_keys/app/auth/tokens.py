"""Access tokens: JWTs that say whose they are and until when they are good."""

import datetime as dt
import hmac
import re
from typing import NamedTuple
from uuid import UUID

import jwt

from app.core.clock import utc_now
from app.core.config import get_settings

ALGORITHM = "HS256"
"""The one algorithm that tokens are signed and accepted with."""

CLAIMS = ["exp", "iat", "pwd", "sub"]
"""What every token has to say."""

MIN_SECRET_LENGTH = 32
MIN_DIFFERENT_CHARACTERS = 6


class Claims(NamedTuple):
    """What a token says."""

    user_id: UUID
    password: str
    """The fingerprint of the password that it was got for."""


def signing_secret() -> str:
    """Get the secret that tokens are signed with; RuntimeError where none, or a weak one, is set."""
    secret = get_settings().jwt_secret
    if secret is None or _is_weak(secret.get_secret_value()):
        raise RuntimeError(
            f"Set JWT_SECRET, in the environment or in .env, to {MIN_SECRET_LENGTH} random characters"
            ' or more: python -c "import secrets; print(secrets.token_hex(32))"'
        )
    return secret.get_secret_value()


def _is_weak(secret: str) -> bool:
    """Tell what is too short, made of little, or stood in an example."""
    return (
        len(secret) < MIN_SECRET_LENGTH
        or len(set(secret)) < MIN_DIFFERENT_CHARACTERS
        or secret in (secret * 2)[1:-1]  # one part of it, over and over
        or "changeme" in re.sub(r"[^a-z]", "", secret.lower())
    )


def lifetime() -> dt.timedelta:
    """Say for how long a new token is good."""
    return dt.timedelta(minutes=get_settings().access_token_minutes)


def make_token(user_id: UUID, password_hash: str) -> str:
    """Sign a token for a user; another password ends it, as time does."""
    now = utc_now()
    claims = {
        "sub": str(user_id),
        "pwd": fingerprint(password_hash),
        "iat": now,
        "exp": now + lifetime(),
    }
    return jwt.encode(claims, signing_secret(), algorithm=ALGORITHM)


def read_token(token: str) -> Claims | None:
    """Tell whose token it is; None where it is not one of ours, or no longer good."""
    secret = signing_secret()
    try:
        claims = jwt.decode(token, secret, algorithms=[ALGORITHM], options={"require": CLAIMS})
        return Claims(UUID(claims["sub"]), claims["pwd"])
    except (jwt.InvalidTokenError, ValueError, RecursionError):  # the last of deeply nested JSON
        return None


def fingerprint(password_hash: str) -> str:
    """Name a password in its tokens, which tell nothing else of it."""
    secret = signing_secret().encode()
    return hmac.new(secret, password_hash.encode(), "sha256").hexdigest()[:16]


def is_fingerprint_of(claimed: str, password_hash: str) -> bool:
    """Compare what a token says with the password as it is now."""
    return hmac.compare_digest(claimed, fingerprint(password_hash))
