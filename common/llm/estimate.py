"""What a document or a prompt may cost, before anything is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from common.jobs.job import Stage
from common.llm.choice import ModelChoice, choose_model
from common.llm.prices import Prices
from common.llm.settings import LlmSettings
from common.llm.sizes import (
    BYTES_PER_TOKEN,
    FIXED_BYTES,
    LONGEST_ECHO_BYTES,
    described_bytes,
    enclosed_bytes,
    first_tokens,
    repair_tokens,
)

_BYTES_PER_TOKEN: Final = 4
# An answer as it usually is
_WRITTEN: Final = {Stage.DESIGN: 2_000, Stage.IMPLEMENT: 300}
_DESIGNED_BYTES: Final = 5_000
_LEAST_COLUMN_BYTES: Final = len('{"name":"a","type":"X"}')


@dataclass(frozen=True, slots=True)
class LlmEstimate:
    """What calls to models for one job come to; None where nobody knows the price."""

    llm_calls: int
    """Without repairs"""
    cost_usd: float | None
    """As it usually is"""
    reserved_usd: float | None
    """The most that one of them reserves before it is made: `run.max_cost_usd` has to allow it"""
    max_cost_usd: float | None
    """If every answer is as long as it may be and every repair is needed"""

    def __add__(self, other: LlmEstimate) -> LlmEstimate:
        known = self.reserved_usd is not None and other.reserved_usd is not None
        reserved = max(self.reserved_usd or 0.0, other.reserved_usd or 0.0)
        return LlmEstimate(
            self.llm_calls + other.llm_calls,
            _sum(self.cost_usd, other.cost_usd),
            reserved if known else None,
            _sum(self.max_cost_usd, other.max_cost_usd),
        )


NO_CALLS: Final = LlmEstimate(0, 0.0, 0.0, 0.0)


class Estimator:
    """Knows models and prices. Raises SettingsError where LLM_PRICES_FILE can't be read."""

    def __init__(self, settings: LlmSettings) -> None:
        self._settings = settings
        self._prices = Prices.read(settings.llm_prices_file)

    def design(self, text: str, document: Mapping[str, Any] | None) -> LlmEstimate:
        """A document that is made of words, and of the document that they change."""
        told = enclosed_bytes(text)
        if document is not None:
            told += enclosed_bytes(document)
        return self._estimate(
            Stage.DESIGN, usual_bytes=told, first_bytes=told, most_bytes=told, calls=1
        )

    def implement(self, document: Mapping[str, Any], calls: int) -> LlmEstimate:
        """So many operations of a document that are to be written."""
        length = enclosed_bytes(document)
        told = described_bytes(length, *_parts(document))
        return self._estimate(
            Stage.IMPLEMENT, usual_bytes=length, first_bytes=told, most_bytes=told, calls=calls
        )

    def implement_designed(self, document: Mapping[str, Any], calls: int) -> LlmEstimate:
        """The same for a document of which a model is still to make the tables."""
        choice = choose_model(self._settings, Stage.DESIGN)
        if choice is None:
            return NO_CALLS
        known = enclosed_bytes(document)
        longest = min(LONGEST_ECHO_BYTES, BYTES_PER_TOKEN * choice.max_tokens)
        return self._estimate(
            Stage.IMPLEMENT,
            usual_bytes=known + _DESIGNED_BYTES,
            first_bytes=_described_at_most(known + _DESIGNED_BYTES),
            most_bytes=_described_at_most(known + longest),
            calls=calls,
        )

    def _estimate(
        self, stage: Stage, *, usual_bytes: int, first_bytes: int, most_bytes: int, calls: int
    ) -> LlmEstimate:
        """`calls` conversations, each about so many bytes of the caller's.

        `first_bytes` are what the first question of one reserves, `most_bytes` what it may: they
        differ where that depends on what a model is still to write.
        """
        choice = choose_model(self._settings, stage)
        if choice is None or calls == 0:
            return NO_CALLS
        price = self._prices.find(choice.provider, choice.model)
        if price is None:
            return LlmEstimate(calls, None, None, None)
        read = (FIXED_BYTES[stage] + usual_bytes) // _BYTES_PER_TOKEN
        usual = price.cost_usd(read, min(_WRITTEN[stage], choice.max_tokens))
        sizes = self._most_tokens(stage, most_bytes, choice)
        costs = [price.cost_usd(each, choice.max_tokens) for each in sizes]
        reserved = price.cost_usd(first_tokens(stage, first_bytes), choice.max_tokens)
        return LlmEstimate(calls, calls * usual, reserved, calls * sum(costs))

    def _most_tokens(self, stage: Stage, told_bytes: int, choice: ModelChoice) -> list[int]:
        repairs = range(1, self._settings.max_repairs + 1)
        more = [repair_tokens(stage, told_bytes, each, choice.max_tokens) for each in repairs]
        return [first_tokens(stage, told_bytes), *more]


def _described_at_most(document_bytes: int) -> int:
    """The tables of a document of which nothing but its length is known."""
    return described_bytes(document_bytes, 0, document_bytes // _LEAST_COLUMN_BYTES)


def _parts(document: Mapping[str, Any]) -> tuple[int, int]:
    """How many tables it has, and columns and relationships; it has no faults."""
    tables = document["schema"]
    columns = sum(len(each["columns"]) + len(each.get("relationships") or ()) for each in tables)
    return len(tables), columns


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other
