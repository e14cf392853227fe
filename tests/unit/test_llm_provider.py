"""What is received is read or told, whatever it is; what hangs is bounded."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from common.errors import TransientError
from common.jobs.job import Stage
from common.llm.choice import ModelChoice
from workers.llm.failures import CallFailedError
from workers.llm.lines import Line
from workers.llm.model import Message, Question
from workers.llm.provider import MOST_GIVEN_UP, LangChainProvider

CHOICE = ModelChoice("openai", "mine", None, 1000, 10, "http://me:secret@there", None)
QUESTION = Question(Stage.DESIGN, "design-1", (Message("user", "a"),))


class Chat:
    """A chat model of the test's own."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def invoke(self, _turns: Any, _config: Any) -> Any:
        if isinstance(self.answer, threading.Event):
            self.answer.wait(120)
            return message("late")
        return self.answer


def message(content: Any, **more: Any) -> Any:
    known: dict[str, Any] = {
        "usage_metadata": None,
        "response_metadata": {"finish_reason": "stop"},
        "additional_kwargs": {},
        "tool_calls": [],
    }
    return SimpleNamespace(content=content, **(known | more))


def provider(answer: Any) -> LangChainProvider:
    return LangChainProvider(lambda _choice, _line: Chat(answer))


@pytest.mark.parametrize(
    "odd",
    [
        message([None]),
        message(None),
        message(5),
        message("a", usage_metadata=3),
        message("a", response_metadata="stop"),
        message("", tool_calls=[{}]),
        message("", tool_calls=[{"args": {"a": {1}}}]),
        None,
    ],
)
def test_what_can_not_be_read_may_have_been_billed(odd: Any) -> None:
    with pytest.raises(CallFailedError) as caught:
        provider(odd).call(CHOICE, QUESTION, lambda: False)
    failure = caught.value.failure
    assert isinstance(failure.error, TransientError)
    assert (failure.code, failure.billed) == ("llm_unavailable", True)


def test_calls_that_hang_are_bounded() -> None:
    hangs = threading.Event()
    asked = provider(hangs)
    for _ in range(MOST_GIVEN_UP):
        assert asked.call(CHOICE, QUESTION, lambda: True) is None
    assert asked.count_given_up() == MOST_GIVEN_UP
    with pytest.raises(CallFailedError, match="Too many calls") as caught:
        asked.call(CHOICE, QUESTION, lambda: False)
    assert not caught.value.failure.billed
    hangs.set()
    while asked.count_given_up():
        pass
    reply = asked.call(CHOICE, QUESTION, lambda: False)
    assert reply is not None
    assert reply.text == "late"


def test_one_model_serves_one_call_at_a_time() -> None:
    made: list[Line] = []

    def make(_choice: ModelChoice, line: Line) -> Chat:
        made.append(line)
        return Chat(message("yes"))

    asked = LangChainProvider(make)
    for _ in range(3):
        asked.call(CHOICE, QUESTION, lambda: False)
    assert len(made) == 1
    made[0].cut()
    asked.call(CHOICE, QUESTION, lambda: False)
    assert len(made) == 2


def test_a_choice_tells_no_secret() -> None:
    assert "secret" not in repr(CHOICE)
