"""Wishes that were made before: an `Idempotency-Key` stands for the job that it made, for a day.

The key lies with its job; that it is there once only by caller is a constraint of the database. One
that is older than a day counts for nothing: it is not found, makes way for whoever uses it again,
and is cleared away at leisure.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Column, Connection, Engine, Table, Update, bindparam, select, update

from common.db.tables import batches, jobs
from common.errors import RequestError
from common.jobs.rows import JOB_COLUMNS

KEPT: Final = timedelta(hours=24)
"""How long a key stands for its job, from the moment at which the job was accepted."""
_AT_ONCE: Final = 500
_ROUNDS: Final = 20

_CLEARED: Final = {"idempotency_key": None, "idempotency_sha256": None}

FIND_WISHED: Final = select(*JOB_COLUMNS, jobs.c.idempotency_sha256).where(
    jobs.c.caller_id == bindparam("caller"),
    jobs.c.idempotency_key == bindparam("key"),
    jobs.c.created_at > bindparam("since"),
)
"""The job that `caller` made with `key` after `since`, with the hash of the body."""


def _make_way(made: Column[datetime]) -> Update:
    table = made.table
    return (
        update(table)
        .where(
            table.c.caller_id == bindparam("caller"),
            table.c.idempotency_key == bindparam("key"),
            made <= bindparam("since"),
        )
        .values(_CLEARED)
    )


_MAKE_WAY: Final = {
    jobs: _make_way(jobs.c.created_at),
    batches: _make_way(batches.c.accepted_at),
}
_OLD: Final = (
    select(jobs.c.id)
    .where(jobs.c.idempotency_key.is_not(None), jobs.c.created_at <= bindparam("since"))
    .order_by(jobs.c.created_at)
    .limit(_AT_ONCE)
)
_CLEAR: Final = update(jobs).where(jobs.c.id.in_(_OLD)).values(_CLEARED)


def make_way(connection: Connection, table: Table, caller_id: str, key: str, now: datetime) -> None:
    """Take the caller's key from the job (or batch) that had it, if that is old; part of an insert.

    Of two who do so at once, the second finds nothing left to take, and then that the key is the
    first one's.
    """
    connection.execute(_MAKE_WAY[table], {"caller": caller_id, "key": key, "since": now - KEPT})


def key_reused() -> RequestError:
    """The 422 for an `Idempotency-Key` that came with another body before."""
    return RequestError(
        422, "idempotency_key_reused", "This Idempotency-Key was used before, with another body."
    )


def clear_old(engine: Engine, now: datetime) -> int:
    """Clear keys that are old, some hundred in a transaction, not all if they are very many.

    Nobody sees a difference, so no revision rises. Returns how many there were.
    """
    cleared = 0
    for _ in range(_ROUNDS):
        with engine.begin() as connection:
            done = connection.execute(_CLEAR, {"since": now - KEPT}).rowcount
        cleared += done
        if done < _AT_ONCE:
            break
    return cleared
