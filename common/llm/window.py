"""The rolling hour: what counts at a moment, and when there will be room again.

A call counts from the moment at which it is reserved until an hour after it was settled. Whenever
in between the provider has it on its clock: no hour that begins at any moment sees more than the
limit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, or_, select

from common.db.tables import jobs, llm_calls
from common.jobs.codes import ErrorCode
from common.llm.quota import MEASURES, Amounts

HOUR: Final = timedelta(hours=1)
_SHORTEST: Final = timedelta(seconds=1)
_REFUNDED: Final = "refunded"


@dataclass(frozen=True, slots=True)
class Counted:
    """A call in the window, and when it leaves it."""

    amounts: Amounts
    leaves_at: datetime


def counting(caller_id: str | None, now: datetime) -> tuple[Any, ...]:
    """The conditions of the calls that count at `now`, of one caller or (None) of all."""
    recent = or_(llm_calls.c.settled_at.is_(None), llm_calls.c.settled_at > now - HOUR)
    conditions = (llm_calls.c.status != _REFUNDED, recent)
    return conditions if caller_id is None else (llm_calls.c.caller_id == caller_id, *conditions)


def used(connection: Connection, caller_id: str | None, now: datetime) -> Amounts:
    """What counts at `now`."""
    row = connection.execute(
        select(
            func.count(),
            func.coalesce(func.sum(llm_calls.c.input_tokens + llm_calls.c.output_tokens), 0),
            func.coalesce(func.sum(llm_calls.c.cost_usd), 0.0),
        ).where(*counting(caller_id, now))
    ).one()
    return Amounts(float(row[0]), float(row[1]), float(row[2]))


def counted(connection: Connection, caller_id: str | None, now: datetime) -> list[Counted]:
    """The calls that count at `now`, in the order in which they leave the window.

    Those in flight leave it an hour from now at the earliest.
    """
    rows = connection.execute(
        select(
            llm_calls.c.input_tokens,
            llm_calls.c.output_tokens,
            llm_calls.c.cost_usd,
            llm_calls.c.settled_at,
        ).where(*counting(caller_id, now))
    )
    found = [
        Counted(
            Amounts(1, float(row.input_tokens + row.output_tokens), row.cost_usd),
            (row.settled_at or now) + HOUR,
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: each.leaves_at)


def moment_with_room(
    calls: Sequence[Counted], limit: Amounts, need: Amounts, now: datetime, *, ahead: int = 0
) -> datetime:
    """When there will be room for `need` (which is within `limit`), after `ahead` of the same.

    Where more of them wait than an hour has room for, those wait for further hours.
    """
    fitting = [
        math.floor(getattr(limit, name) / getattr(need, name) + 1e-9)
        for name in MEASURES
        if getattr(need, name) > 0 and math.isfinite(getattr(limit, name))
    ]
    hours, ahead = divmod(ahead, max(1, min(fitting, default=1)))
    wanted = need.times(ahead + 1)
    left = list(calls)
    moment = now
    while left:
        total = wanted
        for each in left:
            total += each.amounts
        if total.within(limit):
            break
        moment = left.pop(0).leaves_at
    return max(moment, now + _SHORTEST) + hours * HOUR


def waiting_ahead(connection: Connection, caller_id: str, job_id: str) -> int:
    """How many jobs that wait for a quota come before this one.

    Of its own caller those that are older; of each other caller as many at most, since they take
    turns.
    """
    rows = connection.execute(
        select(jobs.c.caller_id, jobs.c.id).where(
            jobs.c.deferred_until.is_not(None),
            jobs.c.deferred_reason == ErrorCode.LLM_QUOTA.value,
            jobs.c.id != job_id,
        )
    ).all()
    own = len([row for row in rows if row.caller_id == caller_id and row.id < job_id])
    others: dict[str, int] = {}
    for row in rows:
        if row.caller_id != caller_id:
            others[row.caller_id] = others.get(row.caller_id, 0) + 1
    return own + sum(min(count, own) for count in others.values())
