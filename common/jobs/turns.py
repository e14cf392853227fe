"""Whose turn it is: the order in which waiting jobs of several callers are run."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select

from common.db.tables import callers, jobs
from common.jobs.job import JobStatus
from common.jobs.waiting import waiting_callers

# Only queued jobs have been sent and not claimed, only running ones have a lease; to ask for their
# status too would have SQLite read all that are queued instead of these indexes of few rows.
_SENT: Final = select(jobs.c.caller_id).where(jobs.c.sent_at.is_not(None))
_RUNNING: Final = select(jobs.c.caller_id).where(jobs.c.lease_expires_at.is_not(None))
_waiting = waiting_callers(jobs.c.sent_at.is_(None))
_WAITING: Final = select(callers.c.id, callers.c.served_at).join(
    _waiting, _waiting.c.id == callers.c.id
)
_UNSENT: Final = (
    select(jobs.c.id)
    .where(
        jobs.c.status == JobStatus.QUEUED.value,
        jobs.c.caller_id == bindparam("caller"),
        jobs.c.sent_at.is_(None),
    )
    .order_by(jobs.c.id)
    .limit(bindparam("at_most"))
)


def next_jobs(connection: Connection, count: int, now: datetime) -> list[tuple[str, str]]:
    """The next jobs to be sent, at most `count`, each as (caller's id, job's id).

    First come the callers who have the fewest jobs under way, then those who were served longest
    ago; each gives its oldest job in turn.
    """
    busy = Counter(connection.execute(_SENT).scalars())
    busy.update(connection.execute(_RUNNING).scalars())
    turns = sorted(
        (busy[row.id], row.served_at is not None, row.served_at or now, row.id)
        for row in connection.execute(_WAITING)
    )[:count]
    queues = {
        caller: list(connection.execute(_UNSENT, {"caller": caller, "at_most": count}).scalars())
        for *_, caller in turns
    }
    under_way = {caller: number for number, *_, caller in turns}
    rank = {caller: place for place, (*_, caller) in enumerate(turns)}
    order: list[tuple[str, str]] = []
    while len(order) < count:
        ready = [caller for caller, queue in queues.items() if queue]
        if not ready:
            break
        caller = min(ready, key=lambda each: (under_way[each], rank[each]))
        order.append((caller, queues[caller].pop(0)))
        under_way[caller] += 1
        rank[caller] += len(turns)
    return order
