"""What a caller has spent on models, what is left of its quotas, and what nobody can tell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine, and_, exists, or_, select

from common.clock import Clock
from common.db.engine import reading
from common.db.tables import jobs, llm_calls
from common.jobs.job import JobStatus, LlmUsage
from common.llm.calls import CallStatus, usage_of
from common.llm.quota import MEASURES, Amounts, Quotas
from common.llm.window import counted

MOST_LISTED: Final = 100
SPANS: Final = {
    "last_hour": timedelta(hours=1),
    "last_24_hours": timedelta(hours=24),
    "last_30_days": timedelta(days=30),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How one of `MEASURES` stands; None where there is no limit."""

    limit: float | None
    used: float
    """What counts now: of calls that are not settled, the most that they can come to"""
    remaining: float | None
    resets_at: datetime | None
    """When all of it will be free again if nothing more is asked; None while it is"""


@dataclass(frozen=True, slots=True)
class UnsettledCall:
    """A call of which nobody knows whether it was billed, with the most that it can have cost."""

    id: str
    job_id: str
    stage: str
    provider: str
    model: str
    reserved_at: datetime
    input_tokens: int
    output_tokens: int
    cost_usd: float


@dataclass(frozen=True, slots=True)
class Spending:
    """All of it."""

    quotas: dict[str, Standing]
    spend: dict[str, LlmUsage]
    """By the names of `SPANS`"""
    unsettled: tuple[UnsettledCall, ...]
    """Newest first, `MOST_LISTED` at most"""


class SpendingReader:
    """Reads it for one caller; safe to share between threads."""

    def __init__(self, engine: Engine, clock: Clock, quotas: Quotas) -> None:
        self._reader = reading(engine)
        self._clock = clock
        self._quotas = quotas

    def read(self, caller_id: str) -> Spending:
        """How the caller stands at this moment."""
        now = self._clock()
        with self._reader.connect() as connection:
            limit = self._quotas.of_caller(connection, caller_id)
            return Spending(
                quotas=_standings(connection, caller_id, limit, now),
                spend={
                    name: _spent(connection, caller_id, now - span) for name, span in SPANS.items()
                },
                unsettled=_unsettled(connection, caller_id),
            )


def _standings(
    connection: Connection, caller_id: str, limit: Amounts, now: datetime
) -> dict[str, Standing]:
    calls = counted(connection, caller_id, now)
    used = Amounts()
    for call in calls:
        used += call.amounts
    resets_at = calls[-1].leaves_at if calls else None
    standings = {}
    for name in MEASURES:
        most, spent = getattr(limit, name), round(getattr(used, name), 9)
        standings[name] = Standing(
            limit=most if math.isfinite(most) else None,
            used=spent,
            remaining=round(max(0.0, most - spent), 9) if math.isfinite(most) else None,
            resets_at=resets_at,
        )
    return standings


def _spent(connection: Connection, caller_id: str, since: datetime) -> LlmUsage:
    mine = (llm_calls.c.caller_id == caller_id, llm_calls.c.settled_at > since)
    return usage_of(connection, *mine)


def _unsettled(connection: Connection, caller_id: str) -> tuple[UnsettledCall, ...]:
    """Also those that nobody has noted yet: of attempts that no longer run."""
    runs = exists().where(
        jobs.c.id == llm_calls.c.job_id,
        jobs.c.status == JobStatus.RUNNING.value,
        jobs.c.attempt_count == llm_calls.c.attempt,
    )
    lost = and_(llm_calls.c.status == CallStatus.RESERVED.value, ~runs)
    names = UnsettledCall.__dataclass_fields__
    rows = connection.execute(
        select(*(llm_calls.c[name] for name in names))
        .where(
            llm_calls.c.caller_id == caller_id,
            or_(llm_calls.c.status == CallStatus.UNSETTLED.value, lost),
        )
        .order_by(llm_calls.c.id.desc())
        .limit(MOST_LISTED)
    )
    return tuple(UnsettledCall(*row) for row in rows)
