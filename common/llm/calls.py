"""A call to a model: who asks, for what, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select

from common.db.tables import llm_calls
from common.jobs.job import LlmUsage, Stage
from common.llm.quota import Amounts


class CallStatus(StrEnum):
    """What became of a call."""

    RESERVED = "reserved"
    """It is about to be made, or under way."""
    SETTLED = "settled"
    """It was answered; what it came to is what the provider reported."""
    REFUNDED = "refunded"
    """It failed and was not billed; it counts nowhere."""
    UNSETTLED = "unsettled"
    """Nobody knows whether it was billed; it counts with the most that it can have come to."""


BILLED: Final = (CallStatus.SETTLED.value, CallStatus.UNSETTLED.value)


@dataclass(frozen=True, slots=True)
class Asker:
    """The attempt at a job that asks."""

    caller_id: str
    job_id: str
    attempt: int
    sources: tuple[str, ...]
    """The jobs whose answers serve this one, too; its own first"""
    max_cost_usd: float | None = None
    """What the job may cost in all"""


@dataclass(frozen=True, slots=True)
class Request:
    """A call that is to be made, and the most that it can come to."""

    stage: Stage
    provider: str
    model: str
    sha256: str
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    """None where nobody knows the price"""

    @property
    def amounts(self) -> Amounts:
        """What is to be reserved."""
        return Amounts(1, self.input_tokens + self.output_tokens, self.cost_usd or 0.0)

    @property
    def name(self) -> str:
        """Such as `openai:gpt-5.4`."""
        return f"{self.provider}:{self.model}"


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was reserved."""

    id: str
    asker: Asker
    request: Request
    reserved_at: datetime


def usage_of(connection: Connection, *conditions: ColumnElement[bool]) -> LlmUsage:
    """What the billed calls that these conditions hold for came to."""
    row = connection.execute(
        select(
            func.count(),
            func.coalesce(func.sum(llm_calls.c.input_tokens), 0),
            func.coalesce(func.sum(llm_calls.c.output_tokens), 0),
            func.coalesce(func.sum(llm_calls.c.cost_usd), 0.0),
        ).where(*conditions, llm_calls.c.status.in_(BILLED))
    ).one()
    return LlmUsage(int(row[0]), int(row[1]), int(row[2]), round(float(row[3]), 9))
