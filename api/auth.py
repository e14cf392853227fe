"""Who is calling: a key, or a token that was made from one."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import HTTPConnection

from common.callers import LOCAL, Caller
from common.clock import Clock, monotonic
from common.errors import RequestError
from common.keys.key import SCOPES, SHORT_PREFIX_LENGTH, Credential
from common.keys.reader import KeyReader
from common.security import (
    TokenClaims,
    TokenError,
    TokenSigner,
    create_access_token,
    read_access_token,
)
from common.tokens import TokenReader

REMEMBER_SECONDS: Final = 1.0
"""How long a verified credential is believed without asking again. Who is told that one was revoked
is told no sooner: by then it is refused by every process."""
_REMEMBER_AT_MOST: Final = 4096
_LONGEST_CREDENTIAL: Final = 4096
SCHEMES: Final = 'Bearer realm="backbone", ApiKey realm="backbone", header="X-API-Key"'
"""What a 401 says in `WWW-Authenticate`."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A verified caller and what the credential lets it do."""

    caller: Caller
    scopes: frozenset[str]
    key_id: str | None
    """The key that was presented, or that the token was made from."""
    by_token: bool
    ends_at: datetime | None = None
    """When the credential is over by itself."""

    def may(self, wanted: frozenset[str]) -> bool:
        """Whether one of the scopes that are `wanted` is there; `admin` may do everything."""
        return not wanted or not self.scopes.isdisjoint(wanted) or "admin" in self.scopes


LOCAL_IDENTITY: Final = Identity(Caller(LOCAL, LOCAL), SCOPES, None, by_token=False)
"""Everybody, while authentication is off."""


class Authenticator:
    """Turns the credentials of a request into a caller, or into one 401 for whatever is wrong."""

    def __init__(
        self,
        keys: KeyReader,
        tokens: TokenReader,
        *,
        signer: TokenSigner | None,
        enabled: bool,
        clock: Clock,
    ) -> None:
        """Without a `signer` no token is good and none is made."""
        self.enabled = enabled
        self._keys = keys
        self._tokens = tokens
        self._signer = signer
        self._clock = clock
        self._known: dict[bytes, tuple[float, Identity]] = {}
        self._lock = threading.Lock()

    def identify(self, connection: HTTPConnection) -> Identity:
        """The verified caller. Raises RequestError(401); blocks when it has to ask the database.

        With a key and a token both must be good and belong to the same caller: a request that
        contradicts itself is refused instead of being read to its advantage.
        """
        if not self.enabled:
            return LOCAL_IDENTITY
        keys: list[bytes] = []
        tokens: list[bytes] = []
        for name, value in connection.scope["headers"]:
            if name == b"x-api-key":
                keys.append(value)
            elif name == b"authorization":
                tokens.append(value)
        if not keys and not tokens:
            raise _refusal("Send an API key (X-API-Key) or an access token (Authorization).")
        if len(keys) > 1 or len(tokens) > 1:
            raise _refusal("A credential was sent twice.")
        by_key = self._remembered(b"k", keys[0], self._by_key) if keys else None
        by_token = self._remembered(b"t", tokens[0], self._by_token) if tokens else None
        if by_key and by_token and by_key.caller.id != by_token.caller.id:
            raise _refusal("The API key and the access token belong to different callers.")
        identity = by_key or by_token
        if identity is None:
            raise _refusal("The credential is not valid.")
        return identity

    def make_token(
        self, identity: Identity, scopes: frozenset[str], lifetime: timedelta
    ) -> str | None:
        """A token for the caller of a key, good for `scopes`; None where there is no signer."""
        if self._signer is None:
            return None
        return create_access_token(
            {"sub": identity.caller.id, "scopes": sorted(scopes), "key_id": identity.key_id},
            lifetime,
            signer=self._signer,
            now=self._clock(),
        )

    def revoke(self, identity: Identity, token: str) -> bool:
        """Take a token back that belongs to the caller of `identity`, or to anybody for `admin`.

        False for what is no token that could be presented, now or later, and for another caller's.
        """
        claims = self._claims(token, early=True)
        if claims is None:
            return False
        if "admin" not in identity.scopes and not self._tokens.belongs_to(claims, identity.caller):
            return False
        self._tokens.revoke(claims)
        return True

    def forget(self) -> None:
        """Believe nothing any more that was verified before."""
        with self._lock:
            self._known.clear()

    async def wait_until_forgotten(self) -> None:
        """Wait until no process, nor this one, believes anything that was verified before.

        Nothing is thrown away for that: whoever may revoke something of their own could make the
        database verify everybody's credential again and again.
        """
        await asyncio.sleep(REMEMBER_SECONDS)

    def _remembered(
        self, kind: bytes, presented: bytes, verify: Callable[[str], Identity | None]
    ) -> Identity:
        if len(presented) > _LONGEST_CREDENTIAL:
            raise _refusal("The credential is not valid.")
        # The memory holds digests: a dump of it gives no credential away.
        digest = hashlib.sha256(kind + presented).digest()
        now = monotonic()
        known = self._known.get(digest)
        if known is not None and now < known[0] and not self._is_over(known[1]):
            return known[1]
        try:
            identity = verify(presented.decode("ascii"))
        except UnicodeDecodeError:
            identity = None
        if identity is None:
            raise _refusal("The credential is not valid.")
        with self._lock:
            if len(self._known) >= _REMEMBER_AT_MOST:
                self._known.clear()
            self._known[digest] = (now + REMEMBER_SECONDS, identity)
        return identity

    def _by_key(self, presented: str) -> Identity | None:
        credential = self._keys.find_by_key(presented)
        return None if credential is None else _from_key(credential)

    def _is_over(self, identity: Identity) -> bool:
        return identity.ends_at is not None and identity.ends_at <= self._clock()

    def _claims(self, token: str, *, early: bool = False) -> TokenClaims | None:
        if self._signer is None:
            return None
        try:
            return read_access_token(token, signer=self._signer, now=self._clock(), early=early)
        except TokenError:
            return None

    def _by_token(self, presented: str) -> Identity | None:
        scheme, _, token = presented.partition(" ")
        claims = self._claims(token.strip(" ")) if scheme.lower() == "bearer" else None
        if claims is None:
            return None
        if claims.key_id is None:
            return self._by_subject(claims)
        credential = self._tokens.find_key(claims)
        if credential is None or credential.caller.id != claims.subject:
            return None
        return Identity(
            credential.caller,
            granted(claims.scopes, credential.scopes),
            claims.key_id,
            by_token=True,
            ends_at=min(claims.expires_at, credential.expires_at or claims.expires_at),
        )

    def _by_subject(self, claims: TokenClaims) -> Identity | None:
        # Signed with our secret, but not made from a key: by whoever holds the secret, for
        # whomever they name.
        caller = self._tokens.ensure_caller(claims)
        if caller is None:
            return None
        scopes = claims.scopes & SCOPES
        return Identity(caller, scopes, None, by_token=True, ends_at=claims.expires_at)


def granted(wanted: frozenset[str], scopes: frozenset[str]) -> frozenset[str]:
    """What of the scopes that are `wanted` somebody with `scopes` may have; `admin` every one."""
    return wanted & (SCOPES if "admin" in scopes else scopes)


def attempt_at(connection: HTTPConnection) -> str | None:
    """What a credential that is no good was aimed at, as a bucket's name; None without one.

    Of a key its first characters, which say which key it is; of a token all but its signature and
    the scheme before it.
    Digested, because nothing that was presented is written down.
    """
    aimed_at: bytes | None = None
    for name, value in connection.scope["headers"]:
        if name == b"x-api-key":
            aimed_at = value[:SHORT_PREFIX_LENGTH]
            break
        if name == b"authorization":
            presented = value.partition(b" ")[2].strip(b" ") or value
            aimed_at = presented.rpartition(b".")[0] or presented[:SHORT_PREFIX_LENGTH]
    return None if aimed_at is None else hashlib.sha256(aimed_at).hexdigest()[:16]


def _from_key(credential: Credential) -> Identity:
    return Identity(
        credential.caller,
        credential.scopes,
        credential.key_id,
        by_token=False,
        ends_at=credential.expires_at,
    )


def _refusal(detail: str) -> RequestError:
    # The same words for an unknown, a revoked and an expired credential: they tell nobody which.
    return RequestError(401, "unauthorized", detail, headers={"WWW-Authenticate": SCHEMES})
