"""What goes wrong with a provider is said in our words, and whether it may have cost anything."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import GenerationError, TransientError
from common.jobs.codes import ErrorCode
from workers.llm.failures import Failure, failure_of, not_installed, took_too_long

KEY = "a-key-that-nobody-may-read"


class StatusError(Exception):
    """As the packages raise them: a status, and the answer's headers."""

    def __init__(self, status: int, said: str = "no", *, headers: Any = None) -> None:
        super().__init__(said)
        self.status_code = status
        self.response = type("Response", (), {"headers": headers or {}})()


class ConnectError(Exception):
    pass


class ReadTimeout(Exception):  # noqa: N818 - as httpx calls it
    pass


class APIConnectionError(Exception):
    pass


def failure(error: BaseException) -> Failure:
    return failure_of(error, "openai", KEY)


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_is_rejected_is_not_tried_again_and_costs_nothing(status: int) -> None:
    told = failure(StatusError(status, f"wrong key: {KEY}"))
    assert isinstance(told.error, GenerationError)
    assert (told.code, told.billed, told.error.retryable) == (ErrorCode.LLM_REJECTED, False, False)
    assert str(told.error) == f"openai refused the call ({status}): wrong key: [key]"


@pytest.mark.parametrize(
    ("status", "billed"), [(500, False), (502, False), (503, False), (504, True), (524, True)]
)
def test_a_failing_provider_is_tried_again(status: int, billed: bool) -> None:
    told = failure(StatusError(status))
    assert isinstance(told.error, TransientError)
    assert (told.code, told.billed, told.hold_seconds) == (ErrorCode.LLM_UNAVAILABLE, billed, None)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after-ms": "2500"}, 2.5),
        ({}, 20),
        ({"retry-after": "soon"}, 20),
        ({"retry-after": "-1"}, 20),
        ({"retry-after": "1e999"}, 20),
        ({"retry-after": "999999"}, 3600),
    ],
)
@pytest.mark.parametrize("status", [429, 529])
def test_a_busy_provider_is_held(status: int, headers: dict[str, str], seconds: float) -> None:
    told = failure(StatusError(status, headers=headers))
    assert (told.code, told.billed, told.hold_seconds) == (ErrorCode.LLM_BUSY, False, seconds)


def test_an_empty_account_is_not_waited_for() -> None:
    told = failure(StatusError(429, "Error: insufficient_quota"))
    assert (told.code, told.hold_seconds) == (ErrorCode.LLM_REJECTED, None)


def test_a_failing_provider_says_how_long_to_wait() -> None:
    told = failure(StatusError(503, headers={"retry-after": "42"})).error
    assert isinstance(told, TransientError)
    assert told.retry_after_seconds == 42


@pytest.mark.parametrize(
    ("said", "billed"),
    [
        ("Output blocked by content filtering policy", True),
        ("The response was filtered: content_filter", False),
    ],
)
def test_a_filter_is_a_refusal(said: str, billed: bool) -> None:
    told = failure(StatusError(400, said))
    assert (told.code, told.billed) == (ErrorCode.LLM_REFUSED, billed)


@pytest.mark.parametrize(
    ("error", "billed", "said"),
    [
        (caused(APIConnectionError(), ConnectError()), False, "openai can't be reached."),
        (caused(APIConnectionError(), ReadTimeout()), True, "openai took too long to answer."),
        (APIConnectionError(), True, "The connection to openai was cut off."),
        (KeyError(KEY), True, "What openai sent is no answer (KeyError)."),
    ],
)
def test_what_never_left_costs_nothing_all_else_may(error: Any, billed: Any, said: str) -> None:
    told = failure(error)
    assert (told.code, told.billed) == (ErrorCode.LLM_UNAVAILABLE, billed)
    assert str(told.error) == said


def test_what_a_provider_says_is_short_and_on_one_line() -> None:
    told = str(failure(StatusError(400, "a\n" * 5000)).error)
    assert len(told) < 400
    assert "\n" not in told


@pytest.mark.parametrize("said", ["sk-proj-abcdefghijklmn", "key-1234567890", "AIzaSyabcdefgh123"])
def test_what_looks_like_a_key_is_not_repeated(said: str) -> None:
    assert said not in str(failure(StatusError(401, f"Incorrect API key provided: {said}.")).error)


def test_the_other_two() -> None:
    assert took_too_long("openai", 3).billed
    assert not not_installed("google").billed
    assert "extra `google`" in str(not_installed("google").error)
