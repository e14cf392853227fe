"""Whose turn it is: the order in which waiting jobs of several callers are run.

Jobs that somebody waits for go before those of batches. Within a lane the callers take turns: first
those who have the fewest jobs under way, then those who were served longest ago; each gives its
oldest job. Nobody has more than `most` jobs under way, that is running or sent.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, bindparam, select, union_all

from common.db.tables import callers, jobs
from common.jobs.lanes import Lane
from common.jobs.waiting import LANES, queued_in, waiting_callers

# Only queued jobs have been sent and not claimed, only running ones have a lease; to ask for their
# status too would have SQLite read all that are queued instead of these indexes of few rows. One
# that was sent and is held by now is nobody's turn.
_PARTS: Final = (jobs.c.id, jobs.c.caller_id, jobs.c.lane, jobs.c.sent_at, jobs.c.send_count)
_UNDER_WAY: Final = union_all(
    select(*_PARTS).where(jobs.c.sent_at.is_not(None), jobs.c.lane != Lane.HELD.value),
    select(*_PARTS).where(jobs.c.lease_expires_at.is_not(None)),
)


def _waiting(lane: Lane) -> Any:  # noqa: ANN401 - a Select of two columns
    each = waiting_callers(lane, jobs.c.sent_at.is_(None))
    return select(callers.c.id, callers.c.served_at).join(each, each.c.id == callers.c.id)


def _unsent(lane: Lane) -> Any:  # noqa: ANN401 - a Select of one column
    return (
        select(jobs.c.id)
        .where(*queued_in(lane), jobs.c.caller_id == bindparam("caller"), jobs.c.sent_at.is_(None))
        .order_by(jobs.c.id)
        .limit(bindparam("at_most"))
    )


_WAITING: Final = {lane: _waiting(lane) for lane in LANES}
_UNSENT: Final = {lane: _unsent(lane) for lane in LANES}


class UnderWay(NamedTuple):
    """A job that was sent (`sent_at` is set), or runs."""

    job_id: str
    caller_id: str
    lane: Lane
    sent_at: datetime | None
    send_count: int


class Turn(NamedTuple):
    """A job that is next, and whose it is."""

    caller_id: str
    job_id: str
    lane: Lane


def find_under_way(connection: Connection) -> list[UnderWay]:
    """What was sent, in the order in which workers will take it, then what runs."""
    found = [
        UnderWay(row[0], row[1], Lane(row[2]), row[3], row[4])
        for row in connection.execute(_UNDER_WAY)
    ]
    running = [each for each in found if each.sent_at is None]
    sent = [(each.lane, each.sent_at, each) for each in found if each.sent_at is not None]
    return [each for *_, each in sorted(sent)] + running


@dataclass(slots=True)
class _Queue:
    """What waits in one lane: of each caller the oldest jobs, and the order of their turns."""

    lane: Lane
    jobs: dict[str, deque[str]]
    rank: dict[str, int]

    def draw(self, under_way: Counter[str], most: int) -> Turn | None:
        ready = [caller for caller in self.jobs if under_way[caller] < most]
        if not ready:
            return None
        caller = min(ready, key=lambda each: (under_way[each], self.rank[each]))
        job_id = self.jobs[caller].popleft()
        if not self.jobs[caller]:
            del self.jobs[caller]
        under_way[caller] += 1
        self.rank[caller] += len(self.rank)
        return Turn(caller, job_id, self.lane)


def next_turns(
    connection: Connection, under_way: Sequence[UnderWay], room: dict[Lane, int], most: int
) -> list[Turn]:
    """The next jobs to be sent: of each lane as many as there is `room` for."""
    busy = Counter(each.caller_id for each in under_way)
    turns: list[Turn] = []
    for lane in LANES:
        count = room[lane]
        if lane is not LANES[0]:
            count -= len(turns)  # what goes first takes the room of the others
        if count <= 0:
            continue
        queue = _read_queue(connection, lane, busy, count, most)
        for _ in range(count):
            turn = queue.draw(busy, most)
            if turn is None:
                break
            turns.append(turn)
    return turns


def expected_order(
    connection: Connection, under_way: Sequence[UnderWay], count: int, most: int
) -> list[str]:
    """The ids of the next `count` jobs in the order in which they will be run, sent or not.

    Where every caller has as many jobs under way as it may, those are taken to have ended by then.
    """
    busy = Counter(each.caller_id for each in under_way)
    sent = {
        lane: [each.job_id for each in under_way if each.sent_at and each.lane is lane]
        for lane in LANES
    }
    queues = [_read_queue(connection, lane, busy, count, None) for lane in LANES]
    return list(islice(_rounds(queues, sent, busy, most), count))


def _rounds(
    queues: Sequence[_Queue], sent: dict[Lane, list[str]], busy: Counter[str], most: int
) -> Iterator[str]:
    while True:
        for queue in queues:
            yield from sent.pop(queue.lane, ())  # workers take the lanes in this order, too
            while turn := queue.draw(busy, most):
                yield turn.job_id
        if not any(queue.jobs for queue in queues):
            return
        busy.clear()


def _read_queue(
    connection: Connection, lane: Lane, busy: Counter[str], count: int, most: int | None
) -> _Queue:
    """The callers of the next `count` turns with their oldest jobs; without those over `most`."""
    turns = sorted(
        (busy[row.id], row.served_at is not None, row.served_at, row.id)
        for row in connection.execute(_WAITING[lane])
        if most is None or busy[row.id] < most
    )[:count]
    rank = {caller: place for place, (*_, caller) in enumerate(turns)}
    waiting = {
        caller: deque(
            connection.execute(_UNSENT[lane], {"caller": caller, "at_most": count}).scalars()
        )
        for caller in rank
    }
    return _Queue(lane, {caller: ids for caller, ids in waiting.items() if ids}, rank)
