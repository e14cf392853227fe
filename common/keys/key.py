"""A key: a credential with a name and scopes, stored as its SHA-256 and shown once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Select, select

from common.callers import CALLER_COLUMNS, Caller, caller_from_row
from common.db.tables import api_keys, callers
from common.errors import Fault, RequestError

SCOPES: Final = frozenset({"generate", "validate", "jobs:read", "batches", "admin"})
OLD_AFTER: Final = timedelta(days=90)
"""A key should have been rotated by then."""
MADE: Final = "made"
SETTING: Final = "settings"
"""The origin of the key that the setting API_KEY is."""
COMMAND_LINE: Final = "the command line"
"""Who did it, where no key did."""

PREFIX_LENGTH: Final = 12
"""Of the keys that are made: `bb_` and 54 random bits, so that no two of them begin alike."""
SHORT_PREFIX_LENGTH: Final = 8
"""Of API_KEY, which somebody may have thought of: less of it is shown. All were as short once."""
_RANDOM_BYTES: Final = 39
"""Without what the prefix shows of them, more than 256 bits are left."""


class KeyState(StrEnum):
    """What a key is good for."""

    GOOD = "good"
    ENDS = "ends"
    """Good, until a moment that is known"""
    EXPIRED = "expired"
    REVOKED = "revoked"
    REPLACED = "replaced"
    """It was rotated, or API_KEY was set to another; and the time of both being good is over"""


@dataclass(frozen=True, slots=True)
class Credential:
    """A key that was presented and is good: whose it is and what it may do."""

    caller: Caller
    key_id: str
    scopes: frozenset[str]
    expires_at: datetime | None = None
    """Nobody may remember it as good for longer"""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as lists show it: everything but the key."""

    id: str
    caller: Caller
    name: str
    prefix: str
    scopes: tuple[str, ...]
    origin: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    """Since when it is refused, whatever a clock says"""
    replaced_by: str | None
    """The id of the key that took its place; None once somebody revoked it"""
    made_by: str | None
    """The id of a key, the command line or API_KEY; None where it was not kept yet"""

    def state(self, now: datetime) -> KeyState:
        """What it is good for at `now`."""
        replaced = self.replaced_by is not None
        if self.revoked_at is not None:
            return KeyState.REPLACED if replaced else KeyState.REVOKED
        if self.expires_at is None:
            return KeyState.GOOD
        if now < self.expires_at:
            return KeyState.ENDS
        return KeyState.REPLACED if replaced else KeyState.EXPIRED

    def is_good(self, now: datetime) -> bool:
        """Whether whoever presents it is let in."""
        return self.state(now) in {KeyState.GOOD, KeyState.ENDS}

    def is_old(self, now: datetime) -> bool:
        """Whether it is good though it should have been rotated by now."""
        return self.is_good(now) and self.replaced_by is None and is_old(self.created_at, now)

    def members(self, now: datetime) -> dict[str, object]:
        """As it is told at `now`; moments are left to the encoder."""
        return {
            "id": self.id,
            "caller": self.caller.name,
            "name": self.name,
            "prefix": self.prefix,
            "scopes": self.scopes,
            "origin": self.origin,
            "state": self.state(now),
            "old": self.is_old(now),
            "created_at": self.created_at,
            "last_used_at": self.last_used_at,
            "expires_at": self.expires_at,
            "revoked_at": self.revoked_at,
            "replaced_by": self.replaced_by,
            "made_by": self.made_by,
        }


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A fresh key; `secret` is what the caller presents and is not kept anywhere."""

    key: Key
    secret: str


def is_old(created_at: datetime, now: datetime) -> bool:
    """Whether a key that was made then should have been rotated by now."""
    return now - created_at > OLD_AFTER


def new_secret() -> str:
    """A fresh key."""
    return f"bb_{secrets.token_urlsafe(_RANDOM_BYTES)}"


def digest(secret: str) -> str:
    """What is stored of a key. It has more than enough bits to need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def select_keys() -> Select[Any]:
    """Rows that `key_from_row` reads."""
    return select(api_keys, *CALLER_COLUMNS[1:]).join(callers, callers.c.id == api_keys.c.caller_id)


def key_from_row(row: Any) -> Key:  # noqa: ANN401 - a Row knows its columns at run time only
    """The key in a row of `select_keys`."""
    return Key(
        id=row.id,
        caller=caller_from_row(row),
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes.split()),
        origin=row.origin,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        replaced_by=row.replaced_by,
        made_by=row.made_by,
    )


def check_scopes(scopes: Iterable[str]) -> str:
    """The scopes as they are stored; RequestError 422 `unknown_scope` for one there is not."""
    wanted = sorted(set(scopes))
    unknown = ", ".join(sorted(set(wanted) - SCOPES))
    if unknown or not wanted:
        known = ", ".join(sorted(SCOPES))
        what = f"There is no scope {unknown}" if unknown else "A key needs a scope"
        message = f"{what}; known: {known}."
        fault = Fault("/scopes", "unknown_scope", message)
        raise RequestError(422, "unknown_scope", message, faults=(fault,))
    return " ".join(wanted)


def check_end(expires_at: datetime | None, now: datetime) -> datetime | None:
    """`expires_at`, if it is still to come; RequestError 422 `already_over` otherwise."""
    if expires_at is not None and expires_at <= now:
        message = "A key ends in the future."
        fault = Fault("/expires_at", "already_over", message)
        raise RequestError(422, "already_over", message, faults=(fault,))
    return expires_at
