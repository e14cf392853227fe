"""What goes wrong with a provider is said in our words, and whether it may have cost anything."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from common.clock import now
from common.errors import GenerationError, TransientError
from common.jobs.codes import ErrorCode
from workers.llm.failures import Failure, failure_of, not_installed, took_too_long

KEY = "a-key-that-nobody-may-read"
SPENT = "You exceeded your current quota, please check your plan and billing details."


class StatusError(Exception):
    """As the packages raise them: a status, and the answer's headers."""

    def __init__(
        self, status: int, said: str = "no", *, headers: Any = None, body: Any = None
    ) -> None:
        super().__init__(said)
        self.status_code = status
        self.body = body
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
    assert str(told.error) == f"openai refused the call ({status})."
    assert told.said == "wrong key: [key]"


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
    body = {"message": SPENT, "type": "insufficient_quota", "code": "insufficient_quota"}
    told = failure(StatusError(429, SPENT, body=body))
    assert (told.code, told.hold_seconds) == (ErrorCode.LLM_REJECTED, None)
    assert str(told.error) == "openai refused the call (429, insufficient_quota)."


class ClientError(Exception):
    """As Google's package raises it."""

    def __init__(self, code: int, error: dict[str, Any]) -> None:
        super().__init__(f"{code} {error['status']}. {error['message']}")
        self.code, self.status, self.details = code, error["status"], {"error": error}


@pytest.mark.parametrize(
    ("details", "more", "seconds"),
    [
        ([{"@type": "RetryInfo", "retryDelay": "38.2s"}], "", 38.2),
        ([], " Please retry in 7.5s.", 7.5),
        (None, "", 20),
        (["odd", {"retryDelay": 5}, {"retryDelay": "x"}], "", 20),
    ],
)
def test_a_rate_limit_is_waited_for_whatever_it_says_of_bills(
    details: Any, more: str, seconds: float
) -> None:
    error = {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": SPENT + more}
    wrapped = caused(ValueError("chat failed"), ClientError(429, error | {"details": details}))
    told = failure(wrapped)
    assert (told.code, told.hold_seconds) == (ErrorCode.LLM_BUSY, seconds)


def test_a_provider_may_name_a_moment() -> None:
    soon = format_datetime(now() + timedelta(seconds=50), usegmt=True)
    hold = failure(StatusError(429, headers={"retry-after": soon})).hold_seconds
    assert hold is not None
    assert 45 < hold <= 50
    past = {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}
    assert failure(StatusError(429, headers=past)).hold_seconds == 20


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
    told = failure(StatusError(400, "a\n" * 5000)).said
    assert len(told) < 400
    assert "\n" not in told


@pytest.mark.parametrize(
    "said",
    ["sk-proj-abcdefghijklmn", "key-1234567890", "AIzaSyabcdefgh123", "gsk_abcdefgh12345678"],
)
def test_what_looks_like_a_key_is_nowhere_repeated(said: str) -> None:
    body = {"error": {"type": "authentication_error", "code": said}}
    told = failure(StatusError(401, f"Incorrect API key provided: {said}.", body=body))
    assert said not in told.said
    assert str(told.error) == "openai refused the call (401, authentication_error)."


def test_the_other_two() -> None:
    assert took_too_long("openai", 3).billed
    assert not not_installed("google").billed
    assert "extra `google`" in str(not_installed("google").error)
