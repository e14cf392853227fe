"""The rolling hour: what counts at a moment, and when there will be room again.

A call counts from the moment at which it is reserved until an hour after it was settled. Whenever
in between the provider has it on its clock: no hour that begins at any moment sees more than the
limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, or_, select

from common.db.tables import llm_calls
from common.llm.quota import Amounts

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
    calls: Sequence[Counted],
    limit: Amounts,
    need: Amounts,
    now: datetime,
    *,
    ahead: Sequence[Amounts] = (),
) -> datetime:
    """When there will be room for `need` (which is within `limit`), after those `ahead`.

    Where more of them wait than an hour has room for, those wait for further hours.
    """
    hours, wanted = 0, Amounts()
    for each in (*ahead, need):
        if (wanted + each).within(limit):
            wanted += each
        else:
            hours += 0 if wanted == Amounts() else 1
            wanted = each
    left = list(calls)
    total = wanted
    for call in left:
        total += call.amounts
    moment = now
    for call in left:
        if total.within(limit):
            break
        total = total.less(call.amounts)
        moment = call.leaves_at
    return max(moment, now + _SHORTEST) + hours * HOUR
