"""The model as a job meets it: nothing is asked twice, and all that is asked is paid for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

from common.clock import monotonic
from common.errors import BackboneError, GenerationError, TransientError
from common.jobs.codes import ErrorCode
from common.jobs.job import Stage
from common.llm.answers import Finish, Kept, input_sha256
from common.llm.calls import Asker, Call, Request
from common.llm.choice import ModelChoice
from common.llm.ledger import Ledger
from common.llm.prices import Price, Prices
from common.llm.sizes import OVERHEAD_BYTES_PER_MESSAGE, OVERHEAD_TOKENS
from workers.llm.failures import CallFailedError, Failure
from workers.llm.model import Answer, Question
from workers.llm.provider import Provider, Reply
from workers.pipeline import StoppedError

RECORD_AGAIN_SECONDS: Final = 0.5
RECORD_FOR_SECONDS: Final = 600.0
"""Whoever has to stop is ended by its heartbeat long before."""

Choose = Callable[[Stage], ModelChoice | None]
"""The model of a stage; None where there is none."""


@dataclass(frozen=True, slots=True)
class MeteredModel:
    """Asks for one attempt at a job."""

    asker: Asker
    ledger: Ledger
    provider: Provider
    choose: Choose
    prices: Prices
    cancelled: Callable[[], bool]
    """Whether the work has to stop: asked often"""

    def ask(self, question: Question) -> Answer:
        """The answer; see `Model`. LeaseLostError where the job is somebody else's by now."""
        choice = configured(self.choose, question.stage)
        request = make_request(choice, question, self.prices)
        kept = self.ledger.find(self.asker, request.sha256)
        if kept is None:
            kept = self._buy(choice, question, request)
        return answered(kept)

    def _buy(self, choice: ModelChoice, question: Question, request: Request) -> Kept:
        call = self.ledger.reserve(self.asker, request)
        began_at = monotonic()
        reply: Reply | None = None
        failure: Failure | None = None
        try:
            reply = self.provider.call(choice, question, self.cancelled)
        except CallFailedError as error:
            failure = error.failure
        finally:
            seconds = monotonic() - began_at
            if reply is None and failure is None:  # nobody waits for it any more
                self._close(
                    lambda: self.ledger.leave_unsettled(
                        call, ErrorCode.LLM_UNAVAILABLE, seconds=seconds
                    )
                )
        if failure is not None:
            raise self._failed(call, failure, seconds)
        if reply is None:
            raise StoppedError("stopped while a model was asked")
        return self._settle(choice, call, reply, seconds)

    def _settle(self, choice: ModelChoice, call: Call, reply: Reply, seconds: float) -> Kept:
        request = call.request
        # Where the provider does not say, it came to the most that it can have come to
        given = request.input_tokens if reply.input_tokens is None else reply.input_tokens
        taken = request.output_tokens if reply.output_tokens is None else reply.output_tokens
        price = self.prices.find(choice.provider, choice.model)
        kept = Kept(reply.finish, reply.text, choice.provider, choice.model)
        self._close(
            lambda: self.ledger.settle(
                call,
                kept,
                input_tokens=given,
                output_tokens=taken,
                cost_usd=price.cost_usd(given, taken) if price else 0.0,
                seconds=seconds,
                error=_CODES.get(reply.finish),
            )
        )
        return kept

    def _failed(self, call: Call, failure: Failure, seconds: float) -> BackboneError:
        close = self.ledger.leave_unsettled if failure.billed else self.ledger.refund
        self._close(lambda: close(call, failure.code, seconds=seconds))
        wanted = failure.hold_seconds
        if wanted is None:
            return failure.error
        told: list[BackboneError] = []
        self._close(lambda: told.append(self.ledger.hold(call, wanted, str(failure.error))))
        return told[-1]

    def _close(self, write: Callable[[], None]) -> None:
        """Write it down, also for a job that is to stop or is another's: it was paid for.

        The database may be away for as long as `RECORD_FOR_SECONDS`; TransientError after that.
        """
        until = monotonic() + RECORD_FOR_SECONDS
        while True:
            try:
                write()
            except TransientError:
                if monotonic() > until:
                    raise
                time.sleep(RECORD_AGAIN_SECONDS)
            else:
                return


_CODES: Final = {
    Finish.REFUSED: ErrorCode.LLM_REFUSED,
    Finish.TOO_LONG: ErrorCode.LLM_ANSWER_TOO_LONG,
}


def configured(choose: Choose, stage: Stage) -> ModelChoice:
    """The model of a stage; GenerationError where there is none."""
    choice = choose(stage)
    if choice is None:
        raise GenerationError(
            ErrorCode.LLM_NOT_CONFIGURED,
            f"No language model is set up here for the stage {stage}.",
            retryable=True,
        )
    return choice


def make_request(choice: ModelChoice, question: Question, prices: Prices) -> Request:
    """What the call is, and the most that it can come to: no token is shorter than a byte."""
    schema = question.answer_schema
    asked = [asdict(message) for message in question.messages]
    texts = [message.text for message in question.messages]
    if schema is not None:
        texts.append(json.dumps(dict(schema)))
    sent = sum(len(each.encode("utf-8", "surrogatepass")) for each in texts)
    given = sent + OVERHEAD_BYTES_PER_MESSAGE * len(asked) + OVERHEAD_TOKENS
    price: Price | None = prices.find(choice.provider, choice.model)
    return Request(
        stage=question.stage,
        provider=choice.provider,
        model=choice.model,
        sha256=input_sha256(
            choice.provider,
            choice.model,
            choice.temperature,
            choice.max_tokens,
            asked,
            None if schema is None else dict(schema),
        ),
        input_tokens=given,
        output_tokens=choice.max_tokens,
        cost_usd=None if price is None else price.cost_usd(given, choice.max_tokens),
    )


def answered(kept: Kept) -> Answer:
    """The answer for whoever asked; GenerationError where it is none."""
    if kept.finish is Finish.REFUSED:
        raise GenerationError(
            ErrorCode.LLM_REFUSED,
            f"{kept.provider}:{kept.model} would not answer.",
            retryable=True,  # as a new job it is asked anew
        )
    if kept.finish is Finish.TOO_LONG:
        raise GenerationError(
            ErrorCode.LLM_ANSWER_TOO_LONG,
            f"The answer of {kept.provider}:{kept.model} was cut off at its greatest length"
            f" ({kept.provider.upper()}_MAX_TOKENS).",
            retryable=True,
        )
    return Answer(kept.text, kept.provider, kept.model)
