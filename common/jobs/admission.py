"""Which job may run next: the one way from the database to the queue.

`admit` puts right what was left lying (see `recovery`), then picks jobs, fairly between callers,
and sends them. It runs after a submit, after a job ends and every few seconds; whoever runs it, and
however many at once, does no harm: a job that was sent twice is claimed once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Engine,
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
from common.jobs.turns import next_jobs

Send = Callable[[str], None]
"""Hands a job's id to the queue; TransientError if the queue can't take it."""

LONGEST_RESEND_DELAY: Final = timedelta(minutes=1)
_LOCK: Final = 0x61646D69  # an arbitrary number that names admission's lock on PostgreSQL

log = logging.getLogger("backbone.jobs")

_SENT: Final = (
    select(jobs.c.id, jobs.c.sent_at, jobs.c.send_count)
    .where(jobs.c.sent_at.is_not(None))  # which only queued ones are
    .order_by(jobs.c.sent_at)
)
_MARK: Final = (
    update(jobs)
    .where(jobs.c.id == bindparam("job_id"), jobs.c.status == JobStatus.QUEUED.value)
    .values(sent_at=bindparam("moment"), send_count=jobs.c.send_count + 1)
)
_UNMARK: Final = (
    update(jobs)
    .where(jobs.c.id == bindparam("job_id"), jobs.c.sent_at == bindparam("moment"))
    .values(sent_at=None, send_count=jobs.c.send_count - 1)
)
_FIRST_UNSENT: Final = (
    select(jobs.c.id)
    .where(jobs.c.status == JobStatus.QUEUED.value, jobs.c.sent_at.is_(None))
    .limit(1)
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
            marks = [
                # A microsecond apart, so that the order is known later
                {"job_id": job_id, "moment": now + timedelta(microseconds=place)}
                for place, job_id in enumerate(self._pick(connection, now))
            ]
            if marks:
                connection.execute(_MARK, marks)
        return self._send_all(marks)

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
        return lost + (_pick_fairly(connection, free, now) if free > 0 else [])

    def _send_all(self, marks: list[dict[str, Any]]) -> int:
        for count, mark in enumerate(marks):
            try:
                self._send(mark["job_id"])
            except TransientError:
                with self._engine.begin() as connection:
                    connection.execute(_UNMARK, marks[count:])
                raise
            log.info("job.sent", extra={"job_id": mark["job_id"]})
        return len(marks)


def forget_sent(engine: Engine) -> None:
    """Take all that was sent and not claimed for lost; a worker says so when it begins."""
    with engine.begin() as connection:
        connection.execute(
            update(jobs).where(jobs.c.sent_at.is_not(None)).values(sent_at=None, send_count=0)
        )


def _pick_fairly(connection: Connection, free: int, now: datetime) -> list[str]:
    order = next_jobs(connection, free, now)
    for place, caller in enumerate(dict.fromkeys(caller for caller, _ in order)):
        moment = now + timedelta(microseconds=place)  # keeps the turns apart
        connection.execute(update(callers).where(callers.c.id == caller).values(served_at=moment))
    return [job_id for _, job_id in order]
