"""Jobs that wait for a quota: who goes before whom, and whose room nobody else may take.

A caller's own wait in the order in which they were made. Callers take turns: the first of each, in
the order in which their last call was made, then the second of each. Once the moment has come that
a job was told to wait for, as much as it needs is kept free for it until it has it: nobody who
comes later, and asks for less, gets in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select, text

from common.db.tables import Moment, callers, jobs, llm_waits
from common.jobs.job import FINISHED
from common.jobs.lanes import Lane
from common.llm.calls import Asker
from common.llm.quota import Amounts

_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_WAIT: Final = text(
    "INSERT INTO llm_waits (job_id, caller_id, due_at, tokens, cost_usd)"
    " VALUES (:job_id, :caller_id, :due_at, :tokens, :cost_usd)"
    " ON CONFLICT (job_id) DO UPDATE SET tokens = excluded.tokens, cost_usd = excluded.cost_usd,"
    " due_at = CASE WHEN excluded.due_at < llm_waits.due_at"
    " THEN excluded.due_at ELSE llm_waits.due_at END"
).bindparams(bindparam("due_at", type_=Moment))
# Whoever has come to an end, is to, or is held by its batch keeps nobody waiting
_LINE: Final = (
    select(llm_waits, callers.c.llm_asked_at)
    .join(jobs, jobs.c.id == llm_waits.c.job_id)
    .join(callers, callers.c.id == llm_waits.c.caller_id)
    .where(
        jobs.c.status.not_in([each.value for each in FINISHED]),
        jobs.c.cancel_requested_at.is_(None),
        jobs.c.lane != Lane.HELD.value,
    )
    .order_by(llm_waits.c.job_id)
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job that waits."""

    job_id: str
    caller_id: str
    due_at: datetime
    """From then on its room is kept free"""
    need: Amounts


class Line:
    """All jobs that wait for a quota, as they stand."""

    def __init__(self, waiting: Sequence[Waiting], asked_at: Mapping[str, datetime]) -> None:
        """`waiting` oldest first; `asked_at`: when a model was last asked for each caller."""
        self._waiting = waiting
        self._asked_at = asked_at

    def __contains__(self, job_id: str) -> bool:
        return any(each.job_id == job_id for each in self._waiting)

    def of_own(self, asker: Asker) -> list[Waiting]:
        """Who of the same caller goes before."""
        return [
            each
            for each in self._waiting
            if each.caller_id == asker.caller_id and each.job_id < asker.job_id
        ]

    def of_all(self, asker: Asker) -> list[Waiting]:
        """Who of all callers goes before, in that order."""
        mine = (len(self.of_own(asker)), *self._turn(asker.caller_id, asker.job_id))
        ranks: dict[str, int] = {}
        before = []
        for each in self._waiting:
            if each.job_id == asker.job_id:
                continue
            rank = ranks[each.caller_id] = ranks.get(each.caller_id, -1) + 1
            place = (rank, *self._turn(each.caller_id, each.job_id))
            if place < mine:
                before.append((place, each))
        return [each for _, each in sorted(before, key=lambda one: one[0])]

    def _turn(self, caller_id: str, job_id: str) -> tuple[datetime, str]:
        return (self._asked_at.get(caller_id, _NEVER), job_id)


def read_line(connection: Connection, caller_id: str) -> Line:
    """Who waits, and whose turn it is; `caller_id` asks."""
    waiting = []
    asked_at: dict[str, datetime | None] = {}
    for row in connection.execute(_LINE):
        need = Amounts(1, float(row.tokens), row.cost_usd)
        waiting.append(Waiting(row.job_id, row.caller_id, row.due_at, need))
        asked_at[row.caller_id] = row.llm_asked_at
    if waiting and caller_id not in asked_at:
        asked_at[caller_id] = connection.execute(
            select(callers.c.llm_asked_at).where(callers.c.id == caller_id)
        ).scalar()
    return Line(waiting, {name: moment or _NEVER for name, moment in asked_at.items()})


def wait(connection: Connection, asker: Asker, need: Amounts, until: datetime) -> None:
    """Note that the job waits; one that waits already keeps the moment from which it is due."""
    values = {"job_id": asker.job_id, "caller_id": asker.caller_id, "due_at": until}
    connection.execute(_WAIT, values | {"tokens": int(need.tokens), "cost_usd": need.cost_usd})


def wait_no_more(connection: Connection, asker: Asker) -> None:
    """It has what it needs, or waits for something else."""
    connection.execute(delete(llm_waits).where(llm_waits.c.job_id == asker.job_id))
