"""What a document or a prompt may cost, before anything is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from common.jobs.job import Stage
from common.llm.choice import choose_model
from common.llm.prices import Prices
from common.llm.settings import LlmSettings

_CHARACTERS_PER_TOKEN: Final = 4
# Of one call, beside what the caller wrote: our instructions, the schema of the answer and what
# stands in the data model; and an answer of the usual length
_READ: Final = {Stage.DESIGN: 3_400, Stage.IMPLEMENT: 1_800}
_WRITTEN: Final = {Stage.DESIGN: 2_000, Stage.IMPLEMENT: 300}
# The most of both in a call, faults that are sent back included
_MOST_READ: Final = {Stage.DESIGN: 20_000, Stage.IMPLEMENT: 40_000}


@dataclass(frozen=True, slots=True)
class LlmEstimate:
    """What calls to models for one job come to; None where nobody knows the price."""

    llm_calls: int
    """Without repairs"""
    cost_usd: float | None
    """As it usually is"""
    max_cost_usd: float | None
    """If every answer is as long as it may be and every repair is needed"""

    def __add__(self, other: LlmEstimate) -> LlmEstimate:
        return LlmEstimate(
            self.llm_calls + other.llm_calls,
            _sum(self.cost_usd, other.cost_usd),
            _sum(self.max_cost_usd, other.max_cost_usd),
        )


NO_CALLS: Final = LlmEstimate(0, 0.0, 0.0)


class Estimator:
    """Knows models and prices. Raises SettingsError where LLM_PRICES_FILE can't be read."""

    def __init__(self, settings: LlmSettings) -> None:
        self._settings = settings
        self._prices = Prices.read(settings.llm_prices_file)

    def estimate(self, stage: Stage, length: int, calls: int = 1) -> LlmEstimate:
        """What `calls` calls come to, each about a text of `length` characters."""
        choice = choose_model(self._settings, stage)
        if choice is None or calls == 0:
            return NO_CALLS
        price = self._prices.find(choice.provider, choice.model)
        if price is None:
            return LlmEstimate(calls, None, None)
        usual = price.cost_usd(_READ[stage] + length // _CHARACTERS_PER_TOKEN, _WRITTEN[stage])
        # No token is shorter than a byte, no character longer than four
        read = _MOST_READ[stage] + 4 * length + choice.max_tokens
        most = price.cost_usd(read, choice.max_tokens) * (1 + self._settings.max_repairs)
        return LlmEstimate(calls, calls * usual, calls * most)


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other
