"""Whatever a provider does wrong ends in one of our errors, in time, and without the key.

Through the real packages, against a server in a process of its own. That it is in time and says no
key is asserted in `Scene.fail`.
"""

from __future__ import annotations

import logging
import resource
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from backbone.ports import choose
from common.errors import GenerationError, TransientError
from common.jobs.codes import ErrorCode
from tests.llm.scene import KEY, SCHEMA, WORDS, Scene, question
from workers.llm.failures import Failure


def assert_unavailable(failure: Failure, *, billed: bool) -> None:
    assert isinstance(failure.error, TransientError)
    assert (failure.error.code, failure.billed) == (ErrorCode.LLM_UNAVAILABLE, billed)
    assert failure.hold_seconds is None


def assert_final(failure: Failure, code: ErrorCode, *, billed: bool) -> None:
    assert isinstance(failure.error, GenerationError)
    assert (failure.error.code, failure.billed) == (code, billed)
    assert failure.hold_seconds is None


@pytest.mark.parametrize("does", ["flood", "bomb"])
def test_an_answer_without_end_is_not_read(scene: Scene, does: str) -> None:
    """Nor is one kept in memory that is sent packed."""
    scene.script({"does": does, "megabytes": 512})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert_final(scene.fail(seconds=60), ErrorCode.LLM_ANSWER_TOO_LONG, billed=True)
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mb < 150


@pytest.mark.parametrize("does", ["hang", pytest.param("drip", marks=pytest.mark.long), "cut"])
@pytest.mark.parametrize("schema", [None, SCHEMA], ids=["free", "schema"])
def test_a_connection_that_goes_wrong_may_have_been_billed(
    scene: Scene, does: str, schema: dict[str, Any] | None
) -> None:
    scene.script({"does": does, "text": "x" * 1000}, {"text": "red"})
    assert_unavailable(scene.fail(schema), billed=True)
    assert scene.ask(seconds=60).text == "red"
    assert len(scene.record.calls) == 2, "nobody else tries again"


@pytest.mark.parametrize("does", ["hang", "drip"])
def test_a_call_that_is_given_up_leaves_nothing_behind(scene: Scene, does: str) -> None:
    """Its connection is cut and its thread ends; another call that goes on hears nothing of it."""
    scene.script({"does": does, "text": "x" * 1000}, {"text": "red"})
    began_at = time.monotonic()
    stopped = scene.provider.call(
        scene.choice(600), question(), lambda: time.monotonic() - began_at > 1
    )
    assert stopped is None
    until = time.monotonic() + 60
    while scene.provider.count_given_up():
        assert time.monotonic() < until, "its thread goes on"
        time.sleep(0.05)
    assert scene.ask(seconds=60).text == "red"


def test_nobody_there_costs_nothing(scene: Scene) -> None:
    port = choose("127.0.0.1", 0, setting="a test")
    assert_unavailable(scene.fail(base_url=f"http://127.0.0.1:{port}", seconds=60), billed=False)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failing_provider_is_asked_again_later(scene: Scene, status: int) -> None:
    scene.script({"does": "error", "status": status, "message": "boom {key}"})
    assert_unavailable(scene.fail(seconds=60), billed=False)
    assert len(scene.record.calls) == 1


@pytest.mark.parametrize(
    ("retry_after", "least", "most"),
    [
        ("17", 17, 17),
        ("0.5", 0.5, 0.5),
        (None, 1, 60),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 60),
        ("soon", 1, 60),
        ("-3", 0, 60),
        ("nan", 0, 60),
        ("1e9", 60, 3600),
    ],
)
@pytest.mark.parametrize("status", [429, 529])
def test_a_busy_provider_says_when_to_come_back(
    scene: Scene, status: int, retry_after: str | None, least: float, most: float
) -> None:
    scene.script({"does": "error", "status": status, "retry_after": retry_after})
    failure = scene.fail(seconds=60)
    assert failure.hold_seconds is not None
    assert least <= failure.hold_seconds <= most
    assert (failure.code, failure.billed) == (ErrorCode.LLM_BUSY, False)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_a_call_that_is_refused_is_not_tried_again(scene: Scene, status: int) -> None:
    """What the provider says of it is logged, but for the key, whole or in parts."""
    message = f"No access with {{key}}, nor with {KEY[:20]}, nor with {KEY[:8]}****{KEY[-4:]}."
    scene.script({"does": "error", "status": status, "message": message})
    failure = scene.fail(seconds=60)
    assert_final(failure, ErrorCode.LLM_REJECTED, billed=False)
    assert str(failure.error).startswith(f"{scene.wire} refused the call ({status}")
    assert "No access" not in str(failure.error)
    assert "No access" in failure.said
    assert KEY[:20] not in failure.said
    assert len(scene.record.calls) == 1


def test_an_empty_account_is_not_waited_for(scene: Scene) -> None:
    message = "You exceeded your current quota, please check your plan and billing details."
    if scene.wire == "openai":
        scene.script(
            {"does": "error", "status": 429, "code": "insufficient_quota", "message": message}
        )
    else:
        message = "Your credit balance is too low to access the Anthropic API."
        scene.script({"does": "error", "status": 400, "message": message})
    assert_final(scene.fail(seconds=60), ErrorCode.LLM_REJECTED, billed=False)


def test_a_question_that_a_filter_takes_away(scene: Scene) -> None:
    refused = {"does": "error", "status": 400, "code": "content_filter"}
    scene.script(refused | {"message": "Filtered by the content management policy."})
    failure = scene.fail(seconds=60)
    assert_final(failure, ErrorCode.LLM_REFUSED, billed=False)


NONSENSE = {
    "nothing": "",
    "a page": "<html><body>Bad gateway</body></html>",
    "half": "{",
    "null": "null",
    "list": "[]",
    "number": "7",
    "string": '"red"',
    "empty": "{}",
    "no choices": '{"choices": []}',
    "null choices": '{"choices": null}',
    "empty choice": '{"choices": [{}]}',
    "null message": '{"choices": [{"message": null}]}',
    "number said": '{"choices": [{"message": {"content": 3}}]}',
    "string choices": '{"choices": "red", "content": "red"}',
    "null content": '{"content": null}',
    "null block": '{"content": [null], "usage": 3}',
    "empty block": '{"content": [{"type": "text"}], "usage": {}}',
    "odd tool": '{"content": [{"type": "tool_use"}], "usage": {"input_tokens": "many"}}',
    "error": '{"error": {"message": "not today"}}',
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
@pytest.mark.parametrize("schema", [None, SCHEMA], ids=["free", "schema"])
def test_nonsense_is_no_answer(scene: Scene, body: str, schema: dict[str, Any] | None) -> None:
    """A 200 that says nothing: it may have been billed, and is no answer of the model's."""
    scene.script({"does": "nonsense", "text": body})
    assert_unavailable(scene.fail(schema, seconds=60), billed=True)


def test_no_key_in_any_log(
    scene: Scene, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    failed = {"does": "error", "message": "no: {key}"}
    cut = {"does": "cut", "text": "x" * 1000}
    scene.script(failed | {"status": 401}, failed | {"status": 500}, cut, {"text": "red"})
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            scene.fail(seconds=60)
        scene.ask(seconds=60)
    lines = [f"{vars(record)} {caplog.handler.format(record)}" for record in caplog.records]
    shown = capfd.readouterr()
    written = "\n".join([*lines, shown.out, shown.err])
    assert "call.failed" in written
    assert KEY not in written
    assert WORDS not in written, "what is asked is nobody's business"


class Curious(BaseHTTPRequestHandler):
    """Another server, to which the first one sends whoever asks it."""

    seen: list[str]

    def do_POST(self) -> None:
        self.seen.append(str(self.headers))
        self.send_response(500)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_a_redirect_takes_no_key_elsewhere(scene: Scene) -> None:
    Curious.seen = []
    with HTTPServer(("127.0.0.1", 0), Curious) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        place = f"http://127.0.0.1:{other.server_port}/elsewhere"
        scene.script({"does": "error", "status": 307, "headers": {"location": place}})
        failure = scene.fail(seconds=60)
        other.shutdown()
    assert isinstance(failure.error, TransientError | GenerationError)
    assert KEY not in "".join(Curious.seen)
