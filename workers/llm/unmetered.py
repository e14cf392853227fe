"""The model for work without a server: no ledger and no quotas, but `run.max_cost_usd`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from common.clock import Clock, now
from common.jobs.job import LlmUsage
from common.llm.answers import Kept
from common.llm.cost import refuse_cost, refuse_unknown_price
from common.llm.holds import LEAST_SECONDS, busy
from common.llm.prices import Prices
from workers.llm.failures import CallFailedError
from workers.llm.metered import Choose, answered, configured, make_request
from workers.llm.model import Answer, Question
from workers.llm.provider import Provider, Reply
from workers.pipeline import StoppedError


@dataclass(slots=True)
class UnmeteredModel:
    """Asks for one run; `usage` is what it came to so far."""

    provider: Provider
    choose: Choose
    prices: Prices
    cancelled: Callable[[], bool]
    max_cost_usd: float | None = None
    clock: Clock = now
    usage: LlmUsage = field(default_factory=LlmUsage)
    _kept: dict[str, Kept] = field(default_factory=dict)

    def ask(self, question: Question) -> Answer:
        """The answer; see `Model`."""
        choice = configured(self.choose, question.stage)
        request = make_request(choice, question, self.prices)
        kept = self._kept.get(request.sha256)
        if kept is None:
            refuse_unknown_price(request, (self.max_cost_usd,))
            if self.max_cost_usd is not None:
                refuse_cost(request, self.usage.cost_usd, self.max_cost_usd)
            try:
                reply = self.provider.call(choice, question, self.cancelled)
            except CallFailedError as error:
                failure = error.failure
                if failure.billed:
                    cost = request.cost_usd or 0.0
                    self._charge(request.input_tokens, request.output_tokens, cost)
                if failure.hold_seconds is not None:
                    seconds = max(failure.hold_seconds, LEAST_SECONDS)
                    until = self.clock() + timedelta(seconds=seconds)
                    raise busy(str(failure.error), until) from error
                raise failure.error from error
            kept = self._take(reply, question, request.input_tokens, request.output_tokens)
            self._kept[request.sha256] = kept
        return answered(kept)

    def _take(self, reply: Reply | None, question: Question, given: int, taken: int) -> Kept:
        choice = configured(self.choose, question.stage)
        if reply is None:
            raise StoppedError("stopped while a model was asked")
        given = given if reply.input_tokens is None else reply.input_tokens
        taken = taken if reply.output_tokens is None else reply.output_tokens
        price = self.prices.find(choice.provider, choice.model)
        self._charge(given, taken, price.cost_usd(given, taken) if price else 0.0)
        return Kept(reply.finish, reply.text, choice.provider, choice.model)

    def _charge(self, given: int, taken: int, cost_usd: float) -> None:
        before = self.usage
        self.usage = LlmUsage(
            before.llm_calls + 1,
            before.input_tokens + given,
            before.output_tokens + taken,
            before.cost_usd + cost_usd,
        )
