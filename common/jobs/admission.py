"""Which job may run next: the one way from the database to the queue.

`admit` puts right what was left lying (see `recovery`), then picks jobs, fairly between callers
(see `turns`), and sends them. It runs after a submit, after a job ends and every few seconds;
whoever runs it, and however many at once, does no harm: a job that was sent twice is claimed once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, bindparam, text, update

from common.callers import LOCAL
from common.clock import Clock
from common.db.engine import forgetful, reading
from common.db.tables import callers, jobs
from common.errors import TransientError
from common.jobs.job import JobStatus
from common.jobs.lanes import Lane
from common.jobs.recovery import recover
from common.jobs.turns import Turn, UnderWay, find_under_way, next_turns

Send = Callable[[str, Lane], None]
"""Hands a job's id to the queue, to be taken by its lane; TransientError if it can't be."""

LONGEST_RESEND_DELAY: Final = timedelta(minutes=1)
_LOCK: Final = 0x61646D69  # an arbitrary number that names admission's lock on PostgreSQL

log = logging.getLogger("backbone.jobs")

# Each changes a job only while it is as it was found
_STILL: Final = (
    jobs.c.id == bindparam("job_id"),
    jobs.c.status == JobStatus.QUEUED.value,
    jobs.c.lane == bindparam("found_lane"),
)
_MARKED: Final = {"sent_at": bindparam("moment"), "send_count": jobs.c.send_count + 1}
_MARK_FIRST: Final = update(jobs).where(*_STILL, jobs.c.sent_at.is_(None)).values(_MARKED)
_MARK_AGAIN: Final = (
    update(jobs).where(*_STILL, jobs.c.sent_at == bindparam("found_sent_at")).values(_MARKED)
)
_UNMARK: Final = (
    update(jobs)
    .where(jobs.c.id == bindparam("job_id"), jobs.c.sent_at == bindparam("moment"))
    .values(sent_at=None, send_count=jobs.c.send_count - 1)
)
_SERVED: Final = (
    update(callers).where(callers.c.id == bindparam("caller")).values(served_at=bindparam("moment"))
)
_FORGET: Final = update(jobs).where(jobs.c.sent_at.is_not(None)).values(sent_at=None, send_count=0)


@dataclass(frozen=True, slots=True)
class _Round:
    """What is to be sent, and what it was decided upon."""

    under_way: Sequence[UnderWay]
    lost: Sequence[UnderWay]
    turns: Sequence[Turn]


class Admission:
    """Sends jobs of one database to one queue.

    `slots` is how many jobs this installation's workers run at a time, as far as is known; twice as
    many are sent ahead at most, so that a worker need not wait and a newcomer not long. Jobs of
    batches that were sent ahead take no room from those that somebody waits for: the queue hands
    these out first. Of one caller at most `max_running_per_caller` jobs are sent or run.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        send: Send,
        *,
        slots: int,
        max_attempts: int,
        max_running_per_caller: int,
        resend_after_seconds: float = 10,
    ) -> None:
        self._engine = engine
        self._forgetful = forgetful(engine)
        self._reader = reading(engine)
        self._clock = clock
        self._send = send
        self._slots = slots
        self._most = max_running_per_caller
        self._max_attempts = max_attempts
        self._resend_after = timedelta(seconds=resend_after_seconds)

    def admit(self) -> int:
        """Send what may run; how many jobs were sent.

        Raises TransientError if the database or the queue is away. Nothing is lost by that: what
        could not be sent is as it was, and picked next time.
        """
        recover(self._engine, self._clock(), max_attempts=self._max_attempts)
        return self.send_next()

    def recover(self) -> int:
        """What `admit` does where something was left lying, and nothing otherwise.

        For whoever looks while there may be no worker: messages would only pile up.
        """
        done = recover(self._engine, self._clock(), max_attempts=self._max_attempts)
        return self.send_next() if done else 0

    def send_next(self) -> int:
        """What `admit` does where nothing was left lying: all that a job's end calls for."""
        now = self._clock()
        with self._reader.connect() as connection:
            found = self._decide(connection, find_under_way(connection), now)
        if not found.lost and not found.turns:
            return 0
        # To mark a job as sent need not outlive a power cut: it would be sent once more.
        with self._forgetful.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            under_way = find_under_way(connection)
            if under_way != found.under_way:  # another was faster
                found = self._decide(connection, under_way, now)
            marks = _mark(connection, found, now)
        return self._send_all(marks)

    def _decide(
        self, connection: Connection, under_way: Sequence[UnderWay], now: datetime
    ) -> _Round:
        sent = [each for each in under_way if each.sent_at is not None]
        lost = [each for each in sent if self._lost(each, now)]
        ahead = 2 * self._slots
        first = sum(each.lane is Lane.INTERACTIVE for each in sent)
        room = {Lane.INTERACTIVE: ahead - first, Lane.BATCH: ahead - len(sent)}
        # As long as every worker finds a job there is no hurry: several at a time cost less.
        room = {lane: free if free >= self._slots else 0 for lane, free in room.items()}
        turns = next_turns(connection, under_way, room, self._most) if any(room.values()) else []
        return _Round(under_way, lost, turns)

    def _lost(self, each: UnderWay, now: datetime) -> bool:
        """Whether a message that nobody acts upon has to be sent again; less and less often."""
        assert each.sent_at is not None  # noqa: S101 - asked of what was sent
        delay = self._resend_after * 2 ** min(max(each.send_count - 1, 0), 10)
        longest = max(LONGEST_RESEND_DELAY, self._resend_after)
        due_at: datetime = each.sent_at + min(delay, longest)
        return due_at <= now

    def _send_all(self, marks: list[dict[str, Any]]) -> int:
        for count, mark in enumerate(marks):
            try:
                self._send(mark["job_id"], mark["found_lane"])
            except TransientError:
                with self._forgetful.begin() as connection:
                    connection.execute(_UNMARK, marks[count:])
                raise
            log.info("job.sent", extra={"job_id": mark["job_id"]})
        return len(marks)


def forget_sent(engine: Engine) -> None:
    """Take all that was sent and not claimed for lost; a worker says so when it begins."""
    with engine.begin() as connection:
        connection.execute(_FORGET)


def _mark(connection: Connection, found: _Round, now: datetime) -> list[dict[str, Any]]:
    """Mark what is to be sent, in this order; what was changed meanwhile is left out."""
    wanted: list[dict[str, Any]] = [
        {"job_id": each.job_id, "found_lane": each.lane, "found_sent_at": each.sent_at}
        for each in found.lost
    ]
    wanted += [{"job_id": turn.job_id, "found_lane": turn.lane} for turn in found.turns]
    marks = []
    for place, mark in enumerate(wanted):
        # A microsecond apart, so that the order is known later
        mark["moment"] = now + timedelta(microseconds=place)
        statement = _MARK_AGAIN if "found_sent_at" in mark else _MARK_FIRST
        if connection.execute(statement, mark).rowcount == 1:
            marks.append(mark)
    served = dict.fromkeys(turn.caller_id for turn in found.turns)
    moments = {}
    for place, caller in enumerate(served):
        moments[caller] = now + timedelta(microseconds=place)  # keeps the turns apart
    # In the order in which all keys are revoked (common.keys.store), or each waits for the other
    for caller in sorted(moments, key=lambda caller: (caller != LOCAL, caller)):
        connection.execute(_SERVED, {"caller": caller, "moment": moments[caller]})
    return marks
