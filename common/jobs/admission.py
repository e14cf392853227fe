"""Which job may run next: the one way from the database to the queue.

`admit` puts right what was left lying (see `recovery`), then picks jobs, fairly between callers,
and sends them. It runs after a submit, after a job ends and every few seconds; whoever runs it, and
however many at once, does no harm: a job that was sent twice is claimed once.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    Connection,
    Engine,
    and_,
    bindparam,
    select,
    text,
    update,
)

from common.clock import Clock
from common.db.engine import reading
from common.db.tables import callers, jobs
from common.errors import TransientError
from common.jobs.job import JobStatus
from common.jobs.recovery import recover
from common.jobs.waiting import waiting_callers

Send = Callable[[str], None]
"""Hands a job's id to the queue; TransientError if the queue can't take it."""

LONGEST_RESEND_DELAY: Final = timedelta(minutes=1)
_LOCK: Final = 0x61646D69  # an arbitrary number that names admission's lock on PostgreSQL

log = logging.getLogger("backbone.jobs")

# Only queued jobs have been sent and not claimed; to ask for their status too would have SQLite
# read all that are queued instead of the index of the few that were sent.
_SENT: Final = select(jobs.c.id, jobs.c.sent_at, jobs.c.send_count, jobs.c.caller_id).where(
    jobs.c.sent_at.is_not(None)
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
_FIRST_UNSENT: Final = (
    select(jobs.c.id)
    .where(jobs.c.status == JobStatus.QUEUED.value, jobs.c.sent_at.is_(None))
    .limit(1)
)
_RUNNING: Final = select(jobs.c.caller_id).where(jobs.c.lease_expires_at.is_not(None))
_unsent = waiting_callers(jobs.c.sent_at.is_(None))
_WAITING: Final = select(callers.c.id, callers.c.served_at).join(
    _unsent, _unsent.c.id == callers.c.id
)


class Admission:
    """Sends jobs of one database to one queue.

    `slots` is how many jobs this installation's workers run at a time, as far as is known; twice as
    many are sent ahead at most, so that a worker need not wait and a newcomer not long.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        send: Send,
        *,
        slots: int,
        max_attempts: int,
        resend_after_seconds: float = 10,
    ) -> None:
        self._engine = engine
        self._reader = reading(engine)
        self._clock = clock
        self._send = send
        self._places = 2 * slots
        self._max_attempts = max_attempts
        self._resend_after = timedelta(seconds=resend_after_seconds)

    def admit(self) -> int:
        """Send what may run; how many jobs were sent.

        Raises TransientError if the database or the queue is away. Nothing is lost by that: what
        could not be sent is as it was, and picked next time.
        """
        now = self._clock()
        recover(self._engine, now, max_attempts=self._max_attempts)
        if not self._anything_to_send(now):
            return 0
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            picked = self._pick(connection, now)
            _mark_sent(connection, picked, now)
        return self._send_all(picked, now)

    def _anything_to_send(self, now: datetime) -> bool:
        with self._reader.connect() as connection:
            sent = connection.execute(_SENT).all()
            if any(self._lost(row.sent_at, row.send_count, now) for row in sent):
                return True
            if len(sent) >= self._places:
                return False
            return connection.execute(_FIRST_UNSENT).first() is not None

    def _lost(self, sent_at: datetime, send_count: int, now: datetime) -> bool:
        """Whether a message that nobody acts upon has to be sent again; less and less often."""
        delay = self._resend_after * 2 ** min(max(send_count - 1, 0), 10)
        longest = max(LONGEST_RESEND_DELAY, self._resend_after)
        return bool(sent_at + min(delay, longest) <= now)

    def _pick(self, connection: Connection, now: datetime) -> list[str]:
        sent = connection.execute(_SENT).all()
        lost = [row.id for row in sent if self._lost(row.sent_at, row.send_count, now)]
        free = self._places - len(sent)
        if free <= 0:
            return lost
        busy = Counter(row.caller_id for row in sent)
        busy.update(connection.execute(_RUNNING).scalars())
        return lost + _pick_fairly(connection, free, busy, now)

    def _send_all(self, picked: list[str], now: datetime) -> int:
        for count, job_id in enumerate(picked):
            try:
                self._send(job_id)
            except TransientError:
                self._unmark(picked[count:], now)
                raise
            log.info("job.sent", extra={"job_id": job_id})
        return len(picked)

    def _unmark(self, unsent: list[str], marked_at: datetime) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                update(jobs)
                .where(jobs.c.id.in_(unsent), jobs.c.sent_at == marked_at)
                .values(sent_at=None, send_count=jobs.c.send_count - 1)
            )


def forget_sent(engine: Engine) -> None:
    """Take all that was sent and not claimed for lost; a worker says so when it begins."""
    with engine.begin() as connection:
        connection.execute(
            update(jobs).where(jobs.c.sent_at.is_not(None)).values(sent_at=None, send_count=0)
        )


def _pick_fairly(connection: Connection, free: int, busy: Counter[str], now: datetime) -> list[str]:
    """The next jobs, at most `free`: one of each caller in turn.

    First come those callers who have the fewest jobs under way (`busy`), then those who were
    served longest ago.
    """
    turns = sorted(
        (busy[row.id], row.served_at is not None, row.served_at or now, row.id)
        for row in connection.execute(_WAITING)
    )[:free]
    queues = {
        caller: list(
            connection.execute(_UNSENT, {"caller": caller, "at_most": free}).scalars().all()
        )
        for *_, caller in turns
    }
    under_way = {caller: count for count, *_, caller in turns}
    rank = {caller: place for place, (*_, caller) in enumerate(turns)}
    picked: list[str] = []
    served: list[str] = []
    while len(picked) < free:
        ready = [caller for caller, queue in queues.items() if queue]
        if not ready:
            break
        caller = min(ready, key=lambda each: (under_way[each], rank[each]))
        picked.append(queues[caller].pop(0))
        under_way[caller] += 1
        rank[caller] += len(turns)
        if caller not in served:
            served.append(caller)
    for place, caller in enumerate(served):
        moment = now + timedelta(microseconds=place)  # keeps the turns apart
        connection.execute(update(callers).where(callers.c.id == caller).values(served_at=moment))
    return picked


def _mark_sent(connection: Connection, picked: list[str], now: datetime) -> None:
    if picked:
        connection.execute(
            update(jobs)
            .where(and_(jobs.c.id.in_(picked), jobs.c.status == JobStatus.QUEUED.value))
            .values(sent_at=now, send_count=jobs.c.send_count + 1)
        )
