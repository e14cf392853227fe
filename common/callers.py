"""Callers and their keys. A key is stored as its SHA-256 and shown once, when it is made."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from common.clock import Clock
from common.db.engine import reading
from common.db.tables import api_keys, callers
from common.errors import RequestError, TransientError
from common.ids import new_id

SCOPES: Final = frozenset({"generate", "validate", "jobs:read", "batches", "admin"})
LOCAL: Final = "local"
"""The one caller there is while authentication is off."""
DEFAULT: Final = "default"
"""The caller that the setting API_KEY belongs to."""

_PREFIX_LENGTH: Final = 8
_TOUCH_AFTER: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls; owns keys, tokens, jobs, limits and quotas."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Credential:
    """A key that was presented and is good: whose it is and what it may do."""

    caller: Caller
    key_id: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Key:
    """A key as lists show it: everything but the key."""

    id: str
    caller: Caller
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A fresh key; `secret` is what the caller presents and is not kept anywhere."""

    key: Key
    secret: str


_FIND: Final = (
    select(
        api_keys.c.id,
        api_keys.c.sha256,
        api_keys.c.scopes,
        api_keys.c.last_used_at,
        callers.c.id.label("caller_id"),
        callers.c.name,
    )
    .join(callers, callers.c.id == api_keys.c.caller_id)
    .where(api_keys.c.prefix == bindparam("prefix"), api_keys.c.revoked_at.is_(None))
)

_FIND_BY_ID: Final = (
    select(api_keys.c.id, api_keys.c.scopes, callers.c.id.label("caller_id"), callers.c.name)
    .join(callers, callers.c.id == api_keys.c.caller_id)
    .where(api_keys.c.id == bindparam("key_id"), api_keys.c.revoked_at.is_(None))
)


class CallerStore:
    """Callers and keys in one database; safe to share between threads, not across a fork."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._reader = reading(engine)
        self._clock = clock
        self._touched: dict[str, datetime] = {}

    def ensure(self, name: str) -> Caller:
        """The caller called `name`, made if there is none. `local` and `default` are their ids."""
        found = self.find(name)
        if found is not None:
            return found
        now = self._clock()
        caller_id = name if name in {LOCAL, DEFAULT} else new_id("caller", now)
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    callers.insert(), {"id": caller_id, "name": name, "created_at": now}
                )
        except IntegrityError:  # another process made it in between
            again = self.find(name)
            if again is None:
                raise
            return again
        return Caller(caller_id, name)

    def find(self, name: str) -> Caller | None:
        """The caller called `name`."""
        with self._reader.connect() as connection:
            row = connection.execute(
                select(callers.c.id, callers.c.name).where(callers.c.name == name)
            ).first()
        return None if row is None else Caller(row.id, row.name)

    def find_by_id(self, caller_id: str) -> Caller | None:
        """The caller with this id (what a token names as its subject)."""
        with self._reader.connect() as connection:
            row = connection.execute(
                select(callers.c.id, callers.c.name).where(callers.c.id == caller_id)
            ).first()
        return None if row is None else Caller(row.id, row.name)

    def find_by_key(self, presented: str) -> Credential | None:
        """Whose key this is; None for unknown and revoked ones.

        That it was used is written down at most once a minute.
        """
        if not (presented.isascii() and presented.isprintable()):
            return None
        digest = _digest(presented)
        with self._reader.connect() as connection:
            rows = connection.execute(_FIND, {"prefix": presented[:_PREFIX_LENGTH]}).all()
        for row in rows:
            if hmac.compare_digest(row.sha256, digest):
                now = self._clock()
                if row.last_used_at is None or now - row.last_used_at > _TOUCH_AFTER:
                    self._touch(row.id, now)
                return Credential(
                    Caller(row.caller_id, row.name), row.id, frozenset(row.scopes.split())
                )
        return None

    def find_by_key_id(self, key_id: str) -> Credential | None:
        """The key that a token was made from; None once it is revoked."""
        with self._reader.connect() as connection:
            row = connection.execute(_FIND_BY_ID, {"key_id": key_id}).first()
        if row is None:
            return None
        return Credential(Caller(row.caller_id, row.name), row.id, frozenset(row.scopes.split()))

    def create_key(self, caller: Caller, *, name: str, scopes: Iterable[str]) -> MadeKey:
        """A new key for `caller`; RequestError 422 `unknown_scope` for a scope there is not."""
        secret = f"bb_{secrets.token_urlsafe(36)}"
        row = self._new_key(caller, secret, name, scopes, "made")
        with self._engine.begin() as connection:
            connection.execute(api_keys.insert(), row)
        key = Key(
            id=row["id"],
            caller=caller,
            name=name,
            prefix=row["prefix"],
            scopes=tuple(row["scopes"].split()),
            created_at=row["created_at"],
            last_used_at=None,
            revoked_at=None,
        )
        return MadeKey(key, secret)

    def list_keys(self, caller: Caller | None = None) -> tuple[Key, ...]:
        """All keys, or those of one caller, oldest first; revoked ones too."""
        statement = (
            select(api_keys, callers.c.name.label("caller_name"))
            .join(callers, callers.c.id == api_keys.c.caller_id)
            .order_by(api_keys.c.id)
        )
        if caller is not None:
            statement = statement.where(api_keys.c.caller_id == caller.id)
        with self._reader.connect() as connection:
            return tuple(_key_from_row(row) for row in connection.execute(statement))

    def revoke_key(self, key_id: str) -> bool:
        """Make a key worthless, at once; False if there is no such key or it was revoked."""
        with self._engine.begin() as connection:
            done = connection.execute(
                update(api_keys)
                .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
                .values(revoked_at=self._clock())
            )
            return done.rowcount == 1

    def set_quotas(self, caller: Caller, quotas: Mapping[str, float | None]) -> None:
        """Give the caller LLM quotas of its own; None is what the settings say.

        By `calls`, `tokens` and `cost_usd`; what is not named stays as it is.
        """
        values = {f"llm_{name}_per_hour": value for name, value in quotas.items()}
        if values:
            with self._engine.begin() as connection:
                connection.execute(
                    update(callers).where(callers.c.id == caller.id).values(**values)
                )

    def get_quotas(self, caller: Caller) -> dict[str, float | None]:
        """The caller's own LLM quotas; None where the settings' hold."""
        names = ("calls", "tokens", "cost_usd")
        columns = [callers.c[f"llm_{name}_per_hour"] for name in names]
        with self._reader.connect() as connection:
            row = connection.execute(select(*columns).where(callers.c.id == caller.id)).one()
        return dict(zip(names, row, strict=True))

    def bootstrap(self, api_key: str) -> Caller:
        """Make the setting API_KEY, and no earlier value of it, a key of the caller `default`."""
        caller = self.ensure(DEFAULT)
        current = select(api_keys.c.sha256).where(
            api_keys.c.origin == "settings", api_keys.c.revoked_at.is_(None)
        )
        with self._reader.connect() as connection:
            if connection.execute(current).scalars().all() == [_digest(api_key)]:
                return caller
        row = self._new_key(caller, api_key, "API_KEY", SCOPES, "settings")
        with self._engine.begin() as connection:
            # Several processes may begin at once: one after the other from here.
            connection.execute(
                select(callers.c.id).where(callers.c.id == caller.id).with_for_update()
            )
            if connection.execute(current).scalars().all() != [row["sha256"]]:
                connection.execute(
                    update(api_keys)
                    .where(api_keys.c.origin == "settings", api_keys.c.revoked_at.is_(None))
                    .values(revoked_at=self._clock())
                )
                connection.execute(api_keys.insert(), row)
        return caller

    def _new_key(
        self, caller: Caller, secret: str, name: str, scopes: Iterable[str], origin: str
    ) -> dict[str, Any]:
        wanted = sorted(set(scopes))
        unknown = ", ".join(sorted(set(wanted) - SCOPES))
        if unknown or not wanted:
            known = ", ".join(sorted(SCOPES))
            what = f"There is no scope {unknown}" if unknown else "A key needs a scope"
            raise RequestError(422, "unknown_scope", f"{what}; known: {known}.")
        now = self._clock()
        return {
            "id": new_id("key", now),
            "caller_id": caller.id,
            "name": name,
            "prefix": secret[:_PREFIX_LENGTH],
            "sha256": _digest(secret),
            "scopes": " ".join(wanted),
            "origin": origin,
            "created_at": now,
        }

    def _touch(self, key_id: str, now: datetime) -> None:
        # A request that only reads must not fail, nor each one wait, because nobody can write now.
        tried_at = self._touched.get(key_id)
        if tried_at is not None and abs(now - tried_at) <= _TOUCH_AFTER:
            return
        self._touched[key_id] = now
        with contextlib.suppress(TransientError), self._engine.begin() as connection:
            connection.execute(
                update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=now)
            )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key_from_row(row: Any) -> Key:  # noqa: ANN401 - a Row knows its columns at run time only
    return Key(
        id=row.id,
        caller=Caller(row.caller_id, row.caller_name),
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes.split()),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
