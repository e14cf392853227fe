"""The scripted server is believed by the real packages of two providers, streams included."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import httpx
import openai
import pytest
from langchain_anthropic import ChatAnthropic
from langchain_core.language_models import BaseChatModel
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from backbone.scripted_llm.process import ScriptedServer
from backbone.scripted_llm.script import ScriptError, read_script
from tests.llm.platform import wait_until

KEY = "sk-scripted-0123456789abcdefghijklmnop"
SCHEMA: dict[str, Any] = {
    "title": "colour",
    "description": "A colour and how often it is there.",
    "type": "object",
    "properties": {"name": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["name", "count"],
    "additionalProperties": False,
}


def make_model(server: ScriptedServer, name: str, wire: str, **more: Any) -> BaseChatModel:
    """A client of the script `name`, as a user of the package makes it."""
    options = {"api_key": SecretStr(KEY), "max_retries": 0, "timeout": 60.0} | more
    if wire == "openai":
        url = server.openai_url(name)
        return ChatOpenAI(model="gpt-scripted", base_url=url, stream_usage=True, **options)
    return ChatAnthropic(
        model_name="claude-scripted", base_url=server.anthropic_url(name), **options
    )


def test_an_answer_and_what_it_cost(scripted: ScriptedServer, name: str, wire: str) -> None:
    usage = {"input_tokens": 11, "output_tokens": 7}
    scripted.script(name, {"text": "Hello, schöne Welt 🎈", "usage": usage})
    said = make_model(scripted, name, wire).invoke("Say hello")
    assert said.text == "Hello, schöne Welt 🎈"
    assert said.usage_metadata is not None
    assert (said.usage_metadata["input_tokens"], said.usage_metadata["output_tokens"]) == (11, 7)
    # That an answer was taken is written down after it was said
    wait_until(lambda: scripted.record(name).answered == {0}, 60, "the answer is not noted")
    record = scripted.record(name)
    assert (record.billed, record.calls[0].streamed) == (1, False)


def test_a_stream_says_the_same(scripted: ScriptedServer, name: str, wire: str) -> None:
    usage = {"input_tokens": 11, "output_tokens": 7}
    scripted.script(name, {"text": "Hello, schöne Welt 🎈" * 20, "usage": usage})
    parts = list(make_model(scripted, name, wire).stream("Say hello"))
    assert len(parts) > 10
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part
    assert whole.text == "Hello, schöne Welt 🎈" * 20
    assert whole.usage_metadata is not None
    assert whole.usage_metadata["input_tokens"] == 11
    assert whole.usage_metadata["output_tokens"] == 7
    assert scripted.record(name).calls[0].streamed


METHODS = [
    ("openai", "json_schema"),
    ("openai", "function_calling"),
    ("anthropic", "json_schema"),
    ("anthropic", "function_calling"),
]


@pytest.mark.parametrize(("wire", "method"), METHODS)
@pytest.mark.parametrize("streamed", [False, True])
def test_an_answer_that_keeps_a_schema(
    scripted: ScriptedServer, name: str, wire: str, method: str, *, streamed: bool
) -> None:
    scripted.script(name, {"json": {"name": "red", "count": 3}})
    model = make_model(scripted, name, wire, streaming=streamed)
    asked = model.with_structured_output(SCHEMA, method=method, include_raw=True)
    found = asked.invoke("Which colour?")
    assert isinstance(found, dict)
    assert found["parsing_error"] is None
    assert found["parsed"] == {"name": "red", "count": 3}
    [call] = scripted.record(name).calls
    assert call.streamed == streamed
    assert "How often" not in json.dumps(call.body)
    assert "count" in json.dumps(call.body)


@pytest.mark.parametrize(("wire", "method"), METHODS)
@pytest.mark.parametrize(
    "answer", [{"json": {"name": 3}}, {"text": '{"name": "re'}, {"text": "Red", "plain": True}]
)
def test_an_answer_that_keeps_none(
    scripted: ScriptedServer, name: str, wire: str, method: str, answer: dict[str, Any]
) -> None:
    """The packages say so, or make something of it: who reads it has to look for himself."""
    scripted.script(name, answer)
    model = make_model(scripted, name, wire)
    asked = model.with_structured_output(SCHEMA, method=method, include_raw=True)
    found = asked.invoke("Which colour?")
    assert isinstance(found, dict)
    assert found["parsed"] in (None, {"name": 3}, {"name": "re"})
    assert scripted.record(name).billed == 1


def test_busy_says_when_to_come_back(scripted: ScriptedServer, name: str, wire: str) -> None:
    scripted.script(name, {"does": "error", "status": 429, "retry_after": "17"}, {"text": "Yes"})
    model = make_model(scripted, name, wire)
    kinds = (openai.RateLimitError, anthropic.RateLimitError)
    with pytest.raises(kinds) as caught:
        model.invoke("Are you there?")
    assert caught.value.response.headers["retry-after"] == "17"
    assert model.invoke("Are you there?").text == "Yes"
    assert [call.billed for call in scripted.record(name).calls] == [False, True]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 503, 529])
def test_errors_are_those_of_the_provider(
    scripted: ScriptedServer, name: str, wire: str, status: int
) -> None:
    scripted.script(name, {"does": "error", "status": status, "message": "no: {key}"})
    kinds = (openai.APIStatusError, anthropic.APIStatusError)
    with pytest.raises(kinds) as caught:
        make_model(scripted, name, wire).invoke("Are you there?")
    assert caught.value.status_code == status
    assert f"no: {KEY}" in str(caught.value)
    assert scripted.record(name).billed == 0


def test_a_wrong_key_is_refused(scripted: ScriptedServer, name: str, wire: str) -> None:
    scripted.script(name, {"text": "Yes"}, key="another")
    with pytest.raises((openai.AuthenticationError, anthropic.AuthenticationError)):
        make_model(scripted, name, wire).invoke("Are you there?")
    assert scripted.record(name).billed == 0


@pytest.mark.parametrize("does", ["hang", "cut", "drip"])
def test_connections_that_go_wrong(
    scripted: ScriptedServer, name: str, wire: str, does: str
) -> None:
    scripted.script(name, {"does": does, "text": "x" * 1000}, {"text": "Yes"})
    model = make_model(scripted, name, wire, timeout=1.5)
    if does == "drip":  # each byte begins a client's timeout anew: a clock of one's own is needed
        return drips_for_ever(scripted, name, wire)
    kinds = (openai.APIConnectionError, anthropic.APIConnectionError, httpx.RemoteProtocolError)
    with pytest.raises(kinds):  # it would hang for minutes
        model.invoke("Are you there?")
    assert scripted.record(name).billed == 1
    assert scripted.record(name).answered == set()
    assert make_model(scripted, name, wire).invoke("Are you there?").text == "Yes"
    return None


def drips_for_ever(scripted: ScriptedServer, name: str, wire: str) -> None:
    url, body, headers = request_of(scripted, name, wire)
    with httpx.stream("POST", url, json=body, headers=headers, timeout=60) as answer:
        began_at = time.monotonic()
        for _ in answer.iter_raw():
            if time.monotonic() - began_at > 2.5:
                return
    raise AssertionError("it ended")


def request_of(
    scripted: ScriptedServer, name: str, wire: str
) -> tuple[str, dict[str, Any], dict[str, str]]:
    body = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "x"}]}
    if wire == "openai":
        url = f"{scripted.openai_url(name)}/chat/completions"
        return url, body, {"Authorization": f"Bearer {KEY}"}
    url = f"{scripted.anthropic_url(name)}/v1/messages"
    return url, body, {"X-Api-Key": KEY, "anthropic-version": "2023-06-01"}


def test_an_error_in_the_middle_of_a_stream(scripted: ScriptedServer, name: str, wire: str) -> None:
    scripted.script(name, {"does": "error", "midway": True, "text": "x" * 1000, "billed": True})
    parts = []
    with pytest.raises((openai.APIError, anthropic.APIError)):
        parts.extend(make_model(scripted, name, wire).stream("Say x"))
    assert scripted.record(name).billed == 1


def test_what_is_declined_filtered_or_too_long(
    scripted: ScriptedServer, name: str, wire: str
) -> None:
    ends = ({"does": "run_out", "text": "a be"}, {"does": "refuse"}, {"does": "filter"})
    scripted.script(name, *ends)
    model = make_model(scripted, name, wire)
    long = model.invoke("Go on").response_metadata
    declined = model.invoke("Go on")
    if wire == "openai":
        assert long["finish_reason"] == "length"
        assert "sorry" in declined.additional_kwargs["refusal"]
        assert model.invoke("Go on").response_metadata["finish_reason"] == "content_filter"
    else:
        assert long["stop_reason"] == "max_tokens"
        assert declined.response_metadata["stop_reason"] == "refusal"
        with pytest.raises(anthropic.BadRequestError, match="content filtering"):
            model.invoke("Go on")
    assert scripted.record(name).billed == 3


def test_a_flood_is_as_long_as_it_says(scripted: ScriptedServer, name: str, wire: str) -> None:
    scripted.script(name, {"does": "flood", "megabytes": 8})
    url, body, headers = request_of(scripted, name, wire)
    with httpx.stream("POST", url, json=body, headers=headers, timeout=60) as answer:
        parts = answer.iter_raw()
        taken = sum(len(part) for part in until_it_breaks(parts))
    assert taken == 8 * 1024 * 1024


def until_it_breaks(parts: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from parts
    except httpx.RemoteProtocolError:
        return
    raise AssertionError("it came to its end")


def test_steps_are_chosen_by_what_is_asked(scripted: ScriptedServer, name: str, wire: str) -> None:
    scripted.script(
        name,
        {"text": "once", "contains": ["weather"]},
        {"text": "sun", "contains": ["weather", "today"], "times": None},
        {"text": "other", "lacks": ["weather"], "times": 2},
        {"text": "never", "model": "another", "times": None},
    )
    model = make_model(scripted, name, wire)
    asked = ["the weather today", "the weather today", "music", 'the "weather"\ntoday', "music"]
    assert [model.invoke(words).text for words in asked] == ["once", "sun", "other", "sun", "other"]
    with pytest.raises((openai.BadRequestError, anthropic.BadRequestError), match="no step"):
        model.invoke("music")
    assert [call.step for call in scripted.record(name).calls] == [0, 1, 2, 1, 2, -1]


def test_a_request_that_the_provider_would_refuse_is_refused(
    scripted: ScriptedServer, name: str, wire: str
) -> None:
    scripted.script(name, {"text": "Yes", "times": None})
    url, body, headers = request_of(scripted, name, wire)
    assert httpx.post(url, json=body, headers=headers).status_code == 200
    assert httpx.post(url, json=body).status_code == 401
    assert httpx.post(url, json=body | {"messages": []}, headers=headers).status_code == 400
    assert httpx.post(url, json=body | {"model": ""}, headers=headers).status_code == 400
    assert httpx.post(url, content=b"[1", headers=headers).status_code == 400
    assert httpx.post(f"{url}/other", json=body, headers=headers).status_code == 404
    assert scripted.record(name).billed == 1


def test_a_server_that_was_killed_goes_on_in_the_middle_of_its_script(tmp_path: Path) -> None:
    with ScriptedServer(tmp_path) as server:
        server.script("s", {"text": "one"}, {"text": "two"}, {"text": "three"})
        model = make_model(server, "s", "openai")
        assert model.invoke("1").text == "one"
        wait_until(lambda: server.record("s").answered == {0}, 60, "the answer is not noted")
        server.kill()
        with pytest.raises(openai.APIConnectionError):
            model.invoke("lost")
        server.start()
        assert model.invoke("2").text == "two"
        wait_until(lambda: server.record("s").answered == {0, 1}, 60, "the answer is not noted")
        assert server.record("s").billed == 2
    assert KEY not in (tmp_path / "s.calls").read_text()


@pytest.mark.parametrize("text", ["{", '{"stepz": []}', '[{"does": "dance"}]', "[3]"])
def test_a_script_with_a_fault_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(text)
    with pytest.raises(ScriptError, match=r"wrong\.json"):
        read_script(path)
