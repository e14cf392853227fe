"""How many lines of batches a caller may hand in within any hour."""

from __future__ import annotations

import math
import zlib
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select, text

from common.db.tables import batches
from common.errors import RequestError

WINDOW: Final = timedelta(hours=1)
_LOCKS: Final = 0x6C696E65 << 32  # arbitrary: the first of as many locks as there are checksums


def lock_caller(connection: Connection, caller_id: str) -> None:
    """Until the end of the transaction nobody else accepts a batch of this caller.

    The caller's row is not locked: admission writes to it, and everybody waits for admission.
    """
    if connection.dialect.name == "postgresql":  # whoever writes to SQLite is alone
        lock = _LOCKS + zlib.crc32(caller_id.encode())
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def refuse_beyond(
    connection: Connection, caller_id: str, now: datetime, count: int, at_most: int
) -> None:
    """RequestError 429 if `count` more lines are more than `at_most` in the hour before `now`.

    Exact where the caller is locked.
    """
    accepted = connection.execute(
        select(batches.c.accepted_at, batches.c.line_count)
        .where(batches.c.caller_id == caller_id, batches.c.accepted_at > now - WINDOW)
        .order_by(batches.c.accepted_at)
    ).all()
    beyond = sum(row.line_count for row in accepted) + count - at_most
    if beyond <= 0:
        return
    free_at = now + WINDOW
    for row in accepted:
        beyond -= row.line_count
        if beyond <= 0:
            free_at = row.accepted_at + WINDOW
            break
    seconds = max(1, math.ceil((free_at - now).total_seconds()))
    advice = (
        f"try again in {seconds} s." if count <= at_most else "hand it in as several smaller ones."
    )
    raise RequestError(
        429,
        "batch_lines_exceeded",
        f"No more than {at_most} lines of batches in an hour; {advice}",
        headers={"Retry-After": str(seconds)},
        extra={
            "error": "Rate limit exceeded",
            "message": f"You have exceeded the limit of {at_most} lines of batches an hour.",
            "retry_after": seconds,
        },
    )
