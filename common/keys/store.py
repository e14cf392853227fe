"""Keys as those who look after them see them: make, list, rotate, revoke."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, select, true, update

from common.callers import LOCAL, Caller, check_name
from common.clock import Clock
from common.db.engine import reading
from common.db.tables import api_keys, callers
from common.errors import RequestError
from common.ids import new_id
from common.keys.key import (
    COMMAND_LINE,
    MADE,
    PREFIX_LENGTH,
    SHORT_PREFIX_LENGTH,
    Key,
    KeyState,
    MadeKey,
    check_end,
    check_scopes,
    digest,
    key_from_row,
    new_secret,
    select_keys,
)
from common.security import LEEWAY
from common.security_events import SecurityEvent, record


def no_such_key() -> RequestError:
    """The 404."""
    return RequestError(404, "key_not_found", "There is no such key.")


class KeyStore:
    """The keys in one database; safe to share between threads, not across a fork.

    What is said to be done is committed. Whoever promises that a key is refused from now on waits
    until no process believes any more what it verified before (`api.auth.REMEMBER_SECONDS`). `by`
    says who did it: the id of a key, or the command line.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._reader = reading(engine)
        self._clock = clock

    def create_key(
        self,
        caller: Caller,
        *,
        name: str,
        scopes: Iterable[str],
        expires_at: datetime | None = None,
        by: str = COMMAND_LINE,
    ) -> MadeKey:
        """A new key for `caller`.

        One with the scope `admin` ends with the key that makes it at the latest.
        RequestError 422 `invalid_name`, `unknown_scope`, `already_over`.
        """
        now, secret = self._clock(), new_secret()
        row = new_row(caller, secret, check_name(name), check_scopes(scopes), now, by=by)
        ends_at = check_end(expires_at, now)
        with self._engine.begin() as connection:
            _lock(connection, callers.c.id == caller.id)
            self.refuse_ended(connection, by)
            _refuse_replaced(connection, by)
            row["expires_at"] = _sooner(ends_at, _latest_end(connection, by, row["scopes"]))
            connection.execute(api_keys.insert(), row)
            members = {"key_id": row["id"], "caller_id": caller.id, "by": by}
            record(connection, SecurityEvent.KEY_MADE, **members)
            return MadeKey(_get(connection, row["id"]), secret)

    def get_key(self, key_id: str) -> Key:
        """The key with this id, whatever its state; RequestError 404."""
        with self._reader.connect() as connection:
            return _get(connection, key_id)

    def find_latest(self, secret: str) -> Key | None:
        """The key that `secret` is or was, whatever its state."""
        with self._reader.connect() as connection:
            row = connection.execute(
                select_keys()
                .where(api_keys.c.sha256 == digest(secret))
                .order_by(api_keys.c.id.desc())
            ).first()
        return None if row is None else key_from_row(row)

    def list_keys(
        self, caller: Caller | None = None, *, after: str | None = None, limit: int | None = None
    ) -> tuple[Key, ...]:
        """All keys, or those of one caller, oldest first, at most `limit`, from behind `after`.

        Those that are good no more, too.
        """
        statement = select_keys().order_by(api_keys.c.id).limit(limit)
        if caller is not None:
            statement = statement.where(api_keys.c.caller_id == caller.id)
        if after is not None:
            statement = statement.where(api_keys.c.id > after)
        with self._reader.connect() as connection:
            return tuple(key_from_row(row) for row in connection.execute(statement))

    def rotate_key(
        self,
        key_id: str,
        *,
        overlap: timedelta,
        expires_at: datetime | None = None,
        by: str = COMMAND_LINE,
    ) -> MadeKey:
        """A new key with the caller, the name and the scopes of one that is good.

        The old one is good for `overlap` longer, if it does not end before. The new one ends at
        `expires_at` if that is given and, unless the command line makes it, with the old one at the
        latest and, with the scope `admin`, with the key that makes it: no key lengthens its own
        life. RequestError 404, 409 `key_not_good`, `key_replaced`, 422.
        """
        now, secret = self._clock(), new_secret()
        with self._engine.begin() as connection:
            _lock(connection, callers.c.id == _get(connection, key_id).caller.id)
            self.refuse_ended(connection, by, key_id)
            _refuse_replaced(connection, by)
            old = _get(connection, key_id)
            if not old.is_good(now):
                message = f"The key is {old.state(now)}; only one that is good can be rotated."
                raise RequestError(409, "key_not_good", message)
            if old.replaced_by is not None:
                message = f"The key was rotated already; {old.replaced_by} took its place."
                raise RequestError(409, "key_replaced", message)
            row = new_row(old.caller, secret, old.name, " ".join(old.scopes), now, by=by)
            ends_at = check_end(expires_at, now)
            if by != COMMAND_LINE:
                ends_at = _sooner(ends_at, old.expires_at)
            row["expires_at"] = _sooner(ends_at, _latest_end(connection, by, row["scopes"]))
            connection.execute(api_keys.insert(), row)
            # Without overlap nothing is left to clocks, which may differ from machine to machine
            end = {"expires_at": _sooner(now + overlap, old.expires_at)}
            connection.execute(
                update(api_keys)
                .where(_same_secret(key_id), api_keys.c.revoked_at.is_(None))
                .values(replaced_by=row["id"], **(end if overlap else {"revoked_at": now}))
            )
            members = {"key_id": old.id, "caller_id": old.caller.id, "by": by}
            record(connection, SecurityEvent.KEY_ROTATED, **members, new_key_id=row["id"])
            return MadeKey(_get(connection, row["id"]), secret)

    def revoke_key(
        self, key_id: str, *, and_made: bool = False, by: str = COMMAND_LINE
    ) -> tuple[Key, ...]:
        """Make a key, and all tokens that were made from it, worthless; RequestError 404.

        With `and_made` also the keys that it made, those that they made, and so on. The keys that
        were not revoked before.
        """
        with self._engine.begin() as connection:
            if and_made:  # who makes a key meanwhile waits, or is waited for
                _lock(connection, true())
                _lock_keys(connection, true())
            else:
                _lock_keys(connection, api_keys.c.id == _get(connection, key_id).id)
            keys, now = [_get(connection, key_id)], self._clock()
            if and_made:
                keys += _made_by(connection, key_id)
            ended = tuple(key for key in keys if key.state(now) is not KeyState.REVOKED)
            _revoke(connection, ended, now)
            for key in ended:
                _note_revoked(connection, key, by)
        return ended

    def find_made_by(self, key_id: str) -> tuple[Key, ...]:
        """The keys that a key made, those that they made, and so on, oldest first."""
        with self._reader.connect() as connection:
            return _made_by(connection, key_id)

    def revoke_all(self, caller: Caller | None = None, *, by: str = COMMAND_LINE) -> int:
        """Make all keys and all tokens worthless, or those of one caller; how many keys it were.

        Also tokens that a clock ahead of ours has made, by as much as is put up with: those that
        are signed without a key are refused if they were made within the next `LEEWAY`.
        """
        theirs: ColumnElement[bool] = true()
        whom: ColumnElement[bool] = true()
        if caller is not None:
            theirs, whom = api_keys.c.caller_id == caller.id, callers.c.id == caller.id
        with self._engine.begin() as connection:
            if caller is None:  # who makes a caller meanwhile waits, or is waited for
                _lock(connection, callers.c.id == LOCAL)
            _lock(connection, whom)
            _lock_keys(connection, theirs)
            now = self._clock()
            keys = [key_from_row(row) for row in connection.execute(select_keys().where(theirs))]
            good = [key for key in keys if key.is_good(now)]
            _revoke(connection, keys, now)
            connection.execute(update(callers).where(whom).values(tokens_valid_from=now + LEEWAY))
            for key in good:
                _note_revoked(connection, key, by)
            whose = caller.id if caller else "all"
            record(connection, SecurityEvent.TOKEN_REVOKED, caller_id=whose, by=by)
        return len(good)

    def refuse_ended(self, connection: Connection, by: str, *key_ids: str) -> None:
        """Lock the key of whoever does it, and others, and see whether it is still good.

        Whoever was let in a moment ago, and whose key was revoked since, does nothing that stays.
        Callers are locked before. RequestError 401.
        """
        _lock_keys(connection, api_keys.c.id.in_([by, *key_ids]))
        if by != COMMAND_LINE and not _get(connection, by).is_good(self._clock()):
            raise RequestError(401, "unauthorized", "The credential is not valid.")


def _refuse_replaced(connection: Connection, by: str) -> None:
    """RequestError 403 `key_replaced` for a key that ends, and must not live on in another."""
    replaced_by = None if by == COMMAND_LINE else _get(connection, by).replaced_by
    if replaced_by is not None:
        message = f"The key was rotated; {replaced_by} makes keys in its place."
        raise RequestError(403, "key_replaced", message)


def _latest_end(connection: Connection, by: str, scopes: str) -> datetime | None:
    """When a key that `by` makes ends at the latest: no `admin` outlives the one that made it."""
    if by == COMMAND_LINE or "admin" not in scopes.split():
        return None
    return _get(connection, by).expires_at


def new_row(
    caller: Caller,
    secret: str,
    name: str,
    scopes: str,
    now: datetime,
    *,
    by: str,
    origin: str = MADE,
) -> dict[str, Any]:
    """The row of the table `api_keys` for a secret that is good from `now` on, without an end."""
    shown = PREFIX_LENGTH if origin == MADE else SHORT_PREFIX_LENGTH
    return {
        "id": new_id("key", now),
        "caller_id": caller.id,
        "name": name,
        "prefix": secret[:shown],
        "sha256": digest(secret),
        "scopes": scopes,
        "origin": origin,
        "created_at": now,
        "expires_at": None,
        "made_by": by,
    }


def _lock(connection: Connection, callers_where: ColumnElement[bool]) -> None:
    """Let nobody revoke all keys of a caller, or make one, between what is read and written.

    Callers before keys, and each by their ids, here as in admission: nobody waits in a circle.
    """
    wanted = select(callers.c.id).where(callers_where).order_by(callers.c.id)
    connection.execute(wanted.with_for_update())


def _lock_keys(connection: Connection, keys_where: ColumnElement[bool]) -> None:
    """Let nobody revoke or replace these keys between what is read from now on and written."""
    wanted = select(api_keys.c.id).where(keys_where).order_by(api_keys.c.id)
    connection.execute(wanted.with_for_update())


def _get(connection: Connection, key_id: str) -> Key:
    statement = select_keys().where(api_keys.c.id == key_id)
    row = None if "\0" in key_id else connection.execute(statement).first()
    if row is None:
        raise no_such_key()
    return key_from_row(row)


def _made_by(connection: Connection, key_id: str) -> tuple[Key, ...]:
    first = select(api_keys.c.id).where(api_keys.c.made_by == key_id).cte(recursive=True)
    made = first.union(select(api_keys.c.id).join(first, api_keys.c.made_by == first.c.id))
    statement = select_keys().where(api_keys.c.id.in_(select(made.c.id))).order_by(api_keys.c.id)
    return tuple(key_from_row(row) for row in connection.execute(statement))


def _revoke(connection: Connection, keys: Iterable[Key], now: datetime) -> None:
    """Also those that were replaced: an earlier API_KEY would be good again if it were set."""
    for key in keys:
        if key.state(now) is not KeyState.REVOKED:
            connection.execute(
                update(api_keys)
                .where(_same_secret(key.id))
                .values(revoked_at=now, replaced_by=None)
            )


def _note_revoked(connection: Connection, key: Key, by: str) -> None:
    members = {"key_id": key.id, "caller_id": key.caller.id, "by": by}
    record(connection, SecurityEvent.KEY_REVOKED, **members)


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier end; None is no end."""
    ends = [end for end in (one, other) if end is not None]
    return min(ends, default=None)


def _same_secret(key_id: str) -> ColumnElement[bool]:
    """The key, and the same secret where API_KEY names it too: one does not outlive the other."""
    known = select(api_keys.c.sha256).where(api_keys.c.id == key_id).scalar_subquery()
    return api_keys.c.sha256 == known
