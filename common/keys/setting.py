"""The setting API_KEY, as a key of the caller `default`."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, and_, func, or_, select, update

from common.callers import Caller
from common.clock import Clock
from common.db.engine import reading
from common.db.tables import api_keys, callers
from common.keys.key import SCOPES, SETTING, Key, digest, key_from_row, select_keys
from common.keys.store import new_row, note
from common.security_events import SecurityEvent

NAME: Final = "API_KEY"
_SUCCESSOR: Final = api_keys.alias()
_BY_SETTING: Final = (
    select(_SUCCESSOR.c.id)
    .where(_SUCCESSOR.c.id == api_keys.c.replaced_by, _SUCCESSOR.c.origin == SETTING)
    .exists()
    .label("replaced_by_setting")
)


def adopt_setting(engine: Engine, clock: Clock, caller: Caller, api_key: str) -> Key:
    """Make the value of API_KEY, and no earlier one, a key of `caller` with every scope.

    Returns that key, which may be good no more: what somebody revoked or rotated, and what had an
    end, is not made good again by a start. What ended because API_KEY was set to another is.
    """
    with reading(engine).connect() as connection:
        key, others = _look(connection, api_key, clock())
    if key is not None and not others:
        return key
    with engine.begin() as connection:
        # Several processes may begin at once: one after the other from here.
        connection.execute(select(callers.c.id).where(callers.c.id == caller.id).with_for_update())
        now = clock()
        key, others = _look(connection, api_key, now)
        if key is None:
            row = new_row(caller, api_key, NAME, " ".join(sorted(SCOPES)), now, origin=SETTING)
            connection.execute(api_keys.insert(), row)
            note(connection, SecurityEvent.KEY_MADE, row["id"], caller.id, NAME)
            made = select_keys().where(api_keys.c.id == row["id"])
            key = key_from_row(connection.execute(made).one())
        for other in others:
            successor = func.coalesce(api_keys.c.replaced_by, key.id)
            connection.execute(
                update(api_keys)
                .where(api_keys.c.id == other.id)
                .values(revoked_at=now, replaced_by=successor)
            )
            more = {"new_key_id": key.id}
            note(connection, SecurityEvent.KEY_ROTATED, other.id, caller.id, NAME, **more)
        return key


def _look(connection: Connection, api_key: str, now: datetime) -> tuple[Key | None, list[Key]]:
    """What this value is already, or was until somebody ended it, and what else is still good."""
    wanted = digest(api_key)
    good = and_(
        api_keys.c.origin == SETTING,
        api_keys.c.revoked_at.is_(None),
        or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now),
    )
    statement = select_keys().add_columns(_BY_SETTING).order_by(api_keys.c.id.desc())
    rows = connection.execute(statement.where(or_(api_keys.c.sha256 == wanted, good))).all()
    ended, standing, others = [], [], []
    for row in rows:
        key = key_from_row(row)
        if row.sha256 != wanted:
            others.append(key)
        elif not key.is_good(now):
            ended += [] if row.replaced_by_setting else [key]
        elif key.origin == SETTING:
            standing.append(key)
    return next(iter(standing + ended), None), others
