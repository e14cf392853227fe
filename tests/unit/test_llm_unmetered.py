"""A model without a server: nothing is asked twice, nor beyond what the run may cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.errors import DeferredError, GenerationError, TransientError
from common.jobs.codes import ErrorCode
from common.jobs.job import Stage
from common.llm.answers import Finish
from common.llm.choice import ModelChoice
from common.llm.prices import Price, Prices
from workers.llm.failures import CallFailedError, Failure
from workers.llm.model import Message, Question
from workers.llm.provider import Reply
from workers.llm.unmetered import UnmeteredModel
from workers.pipeline import StoppedError

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
CHOICE = ModelChoice("openai", "mine", None, 1000, 10, None, None)
PRICES = Prices({"openai:mine": Price(0, 100)})  # a whole answer may cost ten cents
YES = Reply("yes", Finish.ANSWERED, 10, 500)
LOST = TransientError("llm_unavailable", "cut off")


class Scripted:
    def __init__(self, *steps: Any) -> None:
        self.steps = list(steps)
        self.count = 0

    def call(
        self, _choice: ModelChoice, _question: Question, _cancelled: Callable[[], bool]
    ) -> Reply | None:
        self.count += 1
        step = self.steps.pop(0) if self.steps else YES
        if isinstance(step, BaseException):
            raise step
        assert step is None or isinstance(step, Reply)
        return step


def model(provider: Scripted, **more: Any) -> UnmeteredModel:
    known: dict[str, Any] = {"choose": lambda _: CHOICE, "prices": PRICES, "clock": lambda: NOON}
    return UnmeteredModel(provider=provider, cancelled=lambda: False, **(known | more))


def question(text: str = "a") -> Question:
    return Question(Stage.IMPLEMENT, "implement-1", (Message("user", text),))


def failed(*, billed: bool, hold: float | None = None) -> CallFailedError:
    return CallFailedError(Failure(LOST, billed, hold))


def test_the_same_question_is_asked_once() -> None:
    provider = Scripted()
    asked = model(provider)
    answers = [asked.ask(question(text)).text for text in ("a", "a", "b")]
    assert answers == ["yes"] * 3
    assert provider.count == 2
    assert (asked.usage.llm_calls, asked.usage.cost_usd) == (2, pytest.approx(0.1))


def test_a_run_costs_no_more_than_it_may() -> None:
    provider = Scripted()
    asked = model(provider, max_cost_usd=0.12)
    asked.ask(question("a"))  # came to five cents; the next may come to ten
    with pytest.raises(GenerationError, match=r"may cost \$0\.1000; with \$0\.0500") as caught:
        asked.ask(question("b"))
    assert caught.value.code is ErrorCode.LLM_COST_LIMIT
    assert provider.count == 1


def test_a_price_that_nobody_knows_matters_only_with_a_limit() -> None:
    unknown = Prices({})
    assert model(Scripted(), prices=unknown).ask(question()).text == "yes"
    with pytest.raises(GenerationError, match="LLM_PRICES_FILE"):
        model(Scripted(), prices=unknown, max_cost_usd=1).ask(question())


def test_without_a_provider_it_is_said() -> None:
    with pytest.raises(GenerationError) as caught:
        model(Scripted(), choose=lambda _: None).ask(question())
    assert (caught.value.code, caught.value.retryable) == (ErrorCode.LLM_NOT_CONFIGURED, True)


def test_what_may_have_been_billed_counts_with_the_most() -> None:
    asked = model(Scripted(failed(billed=True), failed(billed=False)))
    for _ in range(2):
        with pytest.raises(TransientError, match="cut off"):
            asked.ask(question())
    assert (asked.usage.llm_calls, asked.usage.output_tokens) == (1, 1000)
    assert asked.ask(question()).text == "yes"


def test_a_busy_provider_says_when() -> None:
    with pytest.raises(DeferredError) as caught:
        model(Scripted(failed(billed=False, hold=30))).ask(question())
    assert (caught.value.code, caught.value.until) == (
        ErrorCode.LLM_BUSY,
        NOON + timedelta(seconds=30),
    )


@pytest.mark.parametrize(
    ("finish", "code"),
    [(Finish.REFUSED, ErrorCode.LLM_REFUSED), (Finish.TOO_LONG, ErrorCode.LLM_ANSWER_TOO_LONG)],
)
def test_an_answer_that_is_none_is_not_asked_for_again(finish: Finish, code: ErrorCode) -> None:
    provider = Scripted(Reply("no", finish, 10, 10))
    asked = model(provider)
    for _ in range(2):
        with pytest.raises(GenerationError) as caught:
            asked.ask(question())
        assert caught.value.code is code
    assert provider.count == 1


def test_whoever_is_stopped_stops() -> None:
    with pytest.raises(StoppedError):
        model(Scripted(None)).ask(question())
