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
from common.keys.store import new_row
from common.security_events import SecurityEvent, record
from common.settings import SettingsError

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
    SettingsError for the secret of a key that was made and is good: it would be two keys in one.
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
            scopes = " ".join(sorted(SCOPES))
            row = new_row(caller, api_key, NAME, scopes, now, by=NAME, origin=SETTING)
            connection.execute(api_keys.insert(), row)
            members = {"key_id": row["id"], "caller_id": caller.id, "by": NAME}
            record(connection, SecurityEvent.KEY_MADE, **members)
            made = select_keys().where(api_keys.c.id == row["id"])
            key = key_from_row(connection.execute(made).one())
        for other in others:
            successor = func.coalesce(api_keys.c.replaced_by, key.id)
            connection.execute(
                update(api_keys)
                .where(api_keys.c.id == other.id, api_keys.c.revoked_at.is_(None))
                .values(revoked_at=now, replaced_by=successor)
            )
            members = {"key_id": other.id, "caller_id": caller.id, "by": NAME}
            record(connection, SecurityEvent.KEY_ROTATED, **members, new_key_id=key.id)
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
        else:
            whose = f"{key.id} of the caller {key.caller.name}"
            raise SettingsError(f"API_KEY: is the key {whose} already; choose another value")
    return next(iter(standing + ended), None), others
