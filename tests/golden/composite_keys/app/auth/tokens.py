"""Access tokens: JWTs that say whose they are and until when they are good."""

import datetime as dt
from uuid import UUID

import jwt

from app.core.clock import utc_now
from app.core.config import get_settings

ALGORITHM = "HS256"
"""The one algorithm that tokens are signed and accepted with."""

CLAIMS = ["exp", "iat", "sub"]
"""What every token has to say."""

MIN_SECRET_LENGTH = 32


def signing_secret() -> str:
    """Get the secret that tokens are signed with; RuntimeError where none, or a weak one, is set."""
    secret = get_settings().jwt_secret
    if secret is None or len(secret.get_secret_value()) < MIN_SECRET_LENGTH:
        raise RuntimeError(
            f"Set JWT_SECRET, in the environment or in .env, to {MIN_SECRET_LENGTH} random characters"
            ' or more: python -c "import secrets; print(secrets.token_hex(32))"'
        )
    return secret.get_secret_value()


def lifetime() -> dt.timedelta:
    """Say for how long a new token is good."""
    return dt.timedelta(minutes=get_settings().access_token_minutes)


def make_token(user_id: UUID) -> str:
    """Sign a token for a user."""
    now = utc_now()
    claims = {"sub": str(user_id), "iat": now, "exp": now + lifetime()}
    return jwt.encode(claims, signing_secret(), algorithm=ALGORITHM)


def read_token(token: str) -> UUID | None:
    """Tell whose token it is; None where it is not one of ours, or no longer good."""
    secret = signing_secret()
    try:
        claims = jwt.decode(token, secret, algorithms=[ALGORITHM], options={"require": CLAIMS})
        return UUID(claims["sub"])
    except (jwt.InvalidTokenError, ValueError, RecursionError):  # the last of deeply nested JSON
        return None
