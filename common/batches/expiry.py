"""Removes batches: those that never came in whole, and those that were kept for long enough."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Engine, and_, exists, or_, select

from common.batches.hourly import WINDOW
from common.batches.incoming import WITHIN
from common.batches.removal import remove
from common.db.engine import reading
from common.db.tables import batches, jobs
from common.jobs.retention import Retention

AT_ONCE: Final = 20


def expire_batches(engine: Engine, now: datetime, retention: Retention) -> int:
    """Remove what is due at `now`; how many batches that were.

    A finished batch goes after its jobs, which go with their files (see `common.jobs.expiry`), and
    not while its lines count in the caller's hour.
    """
    given_up = and_(batches.c.accepted_at.is_(None), batches.c.created_at <= now - 2 * WITHIN)
    over = and_(
        batches.c.finished_at <= now - retention.jobs,
        batches.c.accepted_at <= now - WINDOW,
        ~exists().where(jobs.c.batch_id == batches.c.id),
    )
    is_due = or_(given_up, over)
    with reading(engine).connect() as connection:
        due = connection.execute(select(batches.c.id).where(is_due).limit(AT_ONCE)).scalars().all()
    for batch_id in due:
        remove(engine, batch_id, is_due, now)
    return len(due)
