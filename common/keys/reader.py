"""Finds the key that was presented: before every request, so with one query."""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Engine, bindparam, or_, select, update

from common.callers import CALLER_COLUMNS, caller_from_row
from common.clock import Clock
from common.db.engine import reading
from common.db.tables import api_keys, callers
from common.errors import TransientError
from common.keys.key import PREFIX_LENGTH, SHORT_PREFIX_LENGTH, Credential, digest, is_old

Run = Callable[[Callable[[], object]], None]
"""Runs what is handed to it, at once or soon"""

_TOUCH_AFTER: Final = timedelta(minutes=1)
_SAY_AGAIN_AFTER: Final = timedelta(days=1)


def _at_once(call: Callable[[], object]) -> None:
    call()


GOOD_KEYS: Final = (
    select(
        api_keys.c.id,
        api_keys.c.sha256,
        api_keys.c.scopes,
        api_keys.c.created_at,
        api_keys.c.last_used_at,
        api_keys.c.expires_at,
        *CALLER_COLUMNS,
    )
    .join(callers, callers.c.id == api_keys.c.caller_id)
    .where(
        api_keys.c.revoked_at.is_(None),
        or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > bindparam("now")),
    )
)
"""Rows that `credential_from_row` reads, of keys that are good at `now`."""
_FIND: Final = GOOD_KEYS.where(
    api_keys.c.prefix.in_([bindparam("prefix"), bindparam("short_prefix")])
)


class KeyReader:
    """Keys as those who present them see them; safe to share between threads, not across a fork."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        note_old: Callable[[Credential], None] = lambda _credential: None,
        write: Run = _at_once,
    ) -> None:
        """`note_old` hears of a key that is used though it is old, at most once a day of each.

        `write` runs what writes: whoever shows a key should not wait for those who write before.
        """
        self._engine = engine
        self._reader = reading(engine)
        self._clock = clock
        self._note_old = note_old
        self._write = write
        self._touched: dict[str, datetime] = {}
        self._noted: dict[str, datetime] = {}

    def find_by_key(self, presented: str) -> Credential | None:
        """Whose key this is; None for one that is unknown, has ended or is revoked.

        That it was used is written down at most once a minute.
        """
        if not (presented.isascii() and presented.isprintable()):
            return None
        wanted, now = digest(presented), self._clock()
        prefixes = {
            "prefix": presented[:PREFIX_LENGTH],
            "short_prefix": presented[:SHORT_PREFIX_LENGTH],
        }
        with self._reader.connect() as connection:
            rows = connection.execute(_FIND, {**prefixes, "now": now}).all()
        for row in rows:
            if hmac.compare_digest(row.sha256, wanted):
                credential = credential_from_row(row)
                if row.last_used_at is None or now - row.last_used_at > _TOUCH_AFTER:
                    self._touch(row.id, now)
                if is_old(row.created_at, now) and _is_due(
                    self._noted, row.id, now, _SAY_AGAIN_AFTER
                ):
                    self._note_old(credential)
                return credential
        return None

    def _touch(self, key_id: str, now: datetime) -> None:
        if _is_due(self._touched, key_id, now, _TOUCH_AFTER):
            self._write(partial(self._write_use, key_id, now))

    def _write_use(self, key_id: str, now: datetime) -> None:
        # A request that only reads must not fail because nobody can write now.
        with contextlib.suppress(TransientError), self._engine.begin() as connection:
            connection.execute(
                update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=now)
            )


def credential_from_row(row: Any) -> Credential:  # noqa: ANN401 - a Row knows its columns at run time only
    """The credential in a row of `GOOD_KEYS`."""
    return Credential(caller_from_row(row), row.id, frozenset(row.scopes.split()), row.expires_at)


def _is_due(done: dict[str, datetime], key_id: str, now: datetime, every: timedelta) -> bool:
    """Whether something was not done for a key for so long; then it counts as done now."""
    done_at = done.get(key_id)
    if done_at is not None and abs(now - done_at) <= every:
        return False
    done[key_id] = now
    return True
