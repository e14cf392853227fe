"""Quotas: how many calls, tokens and dollars in any hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from sqlalchemy import Connection, bindparam, select

from common.db.tables import callers
from common.llm.settings import LlmSettings

MEASURES: Final = ("calls", "tokens", "cost_usd")
_OWN: Final = select(
    callers.c.llm_calls_per_hour, callers.c.llm_tokens_per_hour, callers.c.llm_cost_usd_per_hour
).where(callers.c.id == bindparam("caller_id"))


@dataclass(frozen=True, slots=True)
class Amounts:
    """So many calls, so many tokens (read and written), so many dollars; infinite: no limit."""

    calls: float = 0
    tokens: float = 0
    cost_usd: float = 0

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(
            self.calls + other.calls, self.tokens + other.tokens, self.cost_usd + other.cost_usd
        )

    def less(self, other: Amounts) -> Amounts:
        """Without what `other` is of it."""
        return Amounts(
            self.calls - other.calls, self.tokens - other.tokens, self.cost_usd - other.cost_usd
        )

    def within(self, limit: Amounts) -> bool:
        """Whether all of it is allowed. Sums of dollars are compared to the billionth."""
        return (
            self.calls <= limit.calls
            and self.tokens <= limit.tokens
            and self.cost_usd <= limit.cost_usd + 1e-9
        )

    def beyond(self, limit: Amounts) -> tuple[str, ...]:
        """Which of `MEASURES` there are too many of."""
        return tuple(
            name for name in MEASURES if not Amounts(**{name: getattr(self, name)}).within(limit)
        )


@dataclass(frozen=True, slots=True)
class Quotas:
    """For each caller that has none of its own, and for all callers together."""

    caller: Amounts
    total: Amounts

    @classmethod
    def from_settings(cls, settings: LlmSettings) -> Self:
        """What the settings LLM_… and LLM_TOTAL_… say."""
        return cls(
            Amounts(
                settings.llm_calls_per_hour,
                settings.llm_tokens_per_hour,
                settings.llm_cost_usd_per_hour,
            ),
            Amounts(
                settings.llm_total_calls_per_hour,
                settings.llm_total_tokens_per_hour,
                settings.llm_total_cost_usd_per_hour,
            ),
        )

    def of_caller(self, connection: Connection, caller_id: str) -> Amounts:
        """The quota of a caller: its own where it has one."""
        own = connection.execute(_OWN, {"caller_id": caller_id}).first()
        if own is None:
            return self.caller
        usual = (self.caller.calls, self.caller.tokens, self.caller.cost_usd)
        pairs = zip(usual, own, strict=True)
        return Amounts(*(each if mine is None else mine for each, mine in pairs))
