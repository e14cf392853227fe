"""An answer comes as the model wrote it, with what it cost, or is said to be none."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import pytest

from common.errors import GenerationError
from common.jobs.codes import ErrorCode
from common.llm.answers import Finish
from tests.llm.scene import KEY, SCHEMA, Scene, question
from workers.llm.provider import LONGEST_ANSWER, Reply

COLOUR = {"name": "rød", "count": 3}


def test_an_answer_and_what_it_cost(scene: Scene) -> None:
    scene.script({"text": "Rød 🎈", "usage": {"input_tokens": 9, "output_tokens": 4}})
    assert scene.ask() == Reply("Rød 🎈", Finish.ANSWERED, 9, 4)
    [call] = scene.record.calls
    assert KEY not in json.dumps(call.body)
    assert "authorization" in call.header_names


def test_an_answer_that_keeps_a_schema(scene: Scene) -> None:
    scene.script({"json": COLOUR})
    reply = scene.ask(SCHEMA)
    assert json.loads(reply.text) == COLOUR
    assert reply.finish is Finish.ANSWERED
    sent = scene.record.calls[0].body
    if scene.wire == "openai":
        wanted = sent["response_format"]["json_schema"]
        assert (wanted["strict"], wanted["schema"]) == (False, SCHEMA)
    else:
        assert sent["tools"][0]["input_schema"]["required"] == ["name", "count"]


@pytest.mark.parametrize(
    "text",
    [
        '{"name": 3, "more": [null]}',
        '{"name": "re',
        "I'd say red.",
        '```json\n{"name": "red"}\n```',
        "[" * 50_000,
    ],
    ids=["other types", "broken", "words", "fenced", "deep"],
)
def test_an_answer_that_keeps_none_comes_as_it_is(scene: Scene, text: str) -> None:
    """Nothing is guessed or put right here: who asked says what is wrong with it."""
    scene.script({"text": text, "plain": True})
    reply = scene.ask(SCHEMA)
    assert reply.text == text
    assert reply.finish is Finish.ANSWERED


def test_a_tool_is_called_with_other_types(scene: Scene) -> None:
    scene.script({"json": {"name": 3, "more": [None]}})
    assert json.loads(scene.ask(SCHEMA).text) == {"name": 3, "more": [None]}


def test_an_answer_is_text_that_can_be_stored(scene: Scene) -> None:
    """No database takes half a character, and PostgreSQL no null."""
    told = {"name": "half \ud83d and null \0."}
    scene.script({"text": told["name"], "plain": True}, {"json": told})
    for schema in (None, SCHEMA):
        text = scene.ask(schema).text
        assert "half" in text
        stored = text.encode(errors="ignore").decode().replace("\0", "")
        assert len(text) == len(stored), "half a character, or a null"


@pytest.mark.parametrize(
    "usage",
    [None, {"input_tokens": -5, "output_tokens": -1}, {"input_tokens": 0, "output_tokens": 0}],
)
def test_a_usage_that_can_not_be_is_none(scene: Scene, usage: Any) -> None:
    """The call then counts as what was reserved for it."""
    if scene.wire == "anthropic" and usage is None:
        return  # its package takes no answer without one
    scene.script({"text": "red", "usage": usage})
    reply = scene.ask()
    assert (reply.input_tokens, reply.output_tokens) == (None, None)


@pytest.mark.parametrize(
    ("does", "finish"), [("run_out", Finish.TOO_LONG), ("refuse", Finish.REFUSED)]
)
@pytest.mark.parametrize("schema", [None, SCHEMA], ids=["free", "schema"])
def test_an_answer_that_is_none(
    scene: Scene, does: str, finish: Finish, schema: dict[str, Any] | None
) -> None:
    """It was billed, and asking again would bring the same."""
    scene.script({"does": does, "text": '{"name": "re'})
    reply = scene.ask(schema)
    assert reply.finish is finish
    assert reply.input_tokens


def test_a_filter_takes_the_answer_away(scene: Scene) -> None:
    scene.script({"does": "filter"})
    if scene.wire == "openai":
        assert scene.ask().finish is Finish.REFUSED
        return
    failure = scene.fail()
    assert isinstance(failure.error, GenerationError)
    assert (failure.error.code, failure.billed) == (ErrorCode.LLM_REFUSED, True)


def test_a_huge_answer_is_cut(scene: Scene) -> None:
    scene.script({"text": "red ", "repeat": 500_000})
    reply = scene.ask(seconds=60)
    assert reply.finish is Finish.TOO_LONG
    assert len(reply.text) <= LONGEST_ANSWER


def test_whoever_stops_does_not_wait(scene: Scene) -> None:
    scene.script({"does": "hang"})
    stopped = threading.Event()
    timer = threading.Timer(0.5, stopped.set)
    timer.start()
    choice = replace(scene.choice(), timeout_seconds=600)
    assert scene.provider.call(choice, question(), stopped.is_set) is None
    timer.join()
