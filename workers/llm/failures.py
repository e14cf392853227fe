"""What goes wrong between us and a provider, in our words, and whether it may have been billed.

The four provider packages speak in classes of their own; what they have in common is a status, a
cause somewhere in the chain, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final

from common.clock import now
from common.errors import BackboneError, GenerationError, TransientError
from common.jobs.codes import ErrorCode

DEFAULT_HOLD_SECONDS: Final = 20.0
LONGEST_HOLD_SECONDS: Final = 3600.0
_LONGEST_MESSAGE: Final = 300
_MOST_READ: Final = 10_000
_TELLING: Final = 12
"""So many characters of a key are as good as the whole of it."""
_NEVER_SENT: Final = {"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol"}
_TIMED_OUT: Final = {"ReadTimeout", "WriteTimeout", "APITimeoutError", "ModelTimeoutError"}
_MAYBE_BILLED: Final = frozenset({408, 499, 504, 520, 522, 524})
"""Said by something in between, which does not know what the provider did."""
_OVERLOADED: Final = 529
_SPENT: Final = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "billing_error"}
)
"""Codes that say that waiting does not help: the account is empty."""
_CODE: Final = re.compile(r"[A-Za-z_]{3,64}\Z")
"""A word for programs, and surely no key."""
_MAY_BE_KEY: Final = re.compile(
    r"(?<![-_A-Za-z0-9*.])(?=[-_A-Za-z0-9*.]*[0-9*])[-_A-Za-z0-9*.]{12,}"
    r"|\b(?:g?sk|key|AIza)[-_A-Za-z0-9*.]{8,}"
)
_DELAY: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,9})?)s\Z")
_RETRY_IN: Final = re.compile(r"retry in ([0-9]{1,6}(?:\.[0-9]{1,9})?) ?s", re.IGNORECASE)
_FILTERED: Final = re.compile(r"content[ _](filter|management)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that brought no answer."""

    error: BackboneError
    """GenerationError or TransientError"""
    billed: bool
    """Whether it may have been; if not, it is refunded"""
    hold_seconds: float | None = None
    """How long the provider wants to be left alone, by everybody"""
    said: str = ""
    """What the provider said, for our log alone: short, on one line, without keys"""

    @property
    def code(self) -> ErrorCode:
        """What it is called."""
        code = getattr(self.error, "code", ErrorCode.LLM_UNAVAILABLE)
        return ErrorCode.LLM_BUSY if self.hold_seconds is not None else ErrorCode(code)


class CallFailedError(Exception):
    """A call that brought no answer; `failure` says what is to be done."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure.error))
        self.failure = failure


def failure_of(error: BaseException, provider: str, secret: str | None) -> Failure:
    """What an exception out of a provider package means. `secret` is never repeated."""
    chain = list(_chain(error))
    status, headers = _status(chain)
    if status is not None:
        body = next(filter(None, map(_body, chain)), {})
        failure = _refused(status, headers, str(error), body, provider)
        return replace(failure, said=_said(error, secret))
    names = {base.__name__ for each in chain for base in type(each).__mro__}
    if names & _NEVER_SENT:
        return _transient(f"{provider} can't be reached.", billed=False)
    if names & _TIMED_OUT:
        return _transient(f"{provider} took too long to answer.", billed=True)
    if "APIConnectionError" in names or "TransportError" in names:
        return _transient(f"The connection to {provider} was cut off.", billed=True)
    return _transient(f"What {provider} sent is no answer ({type(error).__name__}).", billed=True)


def took_too_long(provider: str, seconds: float) -> Failure:
    """A call that was given up after its time was over."""
    return _transient(f"{provider} took longer than {seconds:g} s.", billed=True)


def too_large(provider: str) -> Failure:
    """An answer that nobody wants to read to its end."""
    message = f"The answer of {provider} was larger than is read."
    error = GenerationError(ErrorCode.LLM_ANSWER_TOO_LONG, message, retryable=True)
    return Failure(error, billed=True)


def too_many_given_up(provider: str) -> Failure:
    """A call that is not made, since too many hang that were given up."""
    return _transient(f"Too many calls to {provider} hang.", billed=False)


def not_installed(provider: str) -> Failure:
    """A provider whose package is not there."""
    message = f"The package for {provider} is not installed: add the extra `{provider}`."
    error = GenerationError(ErrorCode.LLM_NOT_CONFIGURED, message, retryable=True)
    return Failure(error, billed=False)


def _refused(
    status: int,
    headers: Any,  # noqa: ANN401 - of whatever HTTP library
    said: str,
    body: Mapping[str, Any],
    provider: str,
) -> Failure:
    wait, codes = _wait(headers, body, said), _codes(body)
    if status in (429, _OVERLOADED) and not _SPENT & set(codes):
        hold = DEFAULT_HOLD_SECONDS if wait is None else wait
        failure = _transient(f"{provider} is busy ({status}).", billed=False)
        return Failure(failure.error, billed=False, hold_seconds=min(hold, LONGEST_HOLD_SECONDS))
    if status in _MAYBE_BILLED or not (400 <= status < 500 or status >= 500):  # noqa: PLR2004 - HTTP
        return _transient(f"{provider} said {status}.", billed=True)
    if status >= 500 or status in (409, 425):  # noqa: PLR2004 - HTTP
        return _transient(f"{provider} failed ({status}).", billed=False, wait=wait)
    if _FILTERED.search(said):
        message = f"A filter of {provider} took the question or the answer away."
        billed = "output" in said.lower()
        error = GenerationError(ErrorCode.LLM_REFUSED, message, retryable=True)
        return Failure(error, billed)
    message = f"{provider} refused the call ({', '.join([str(status), *codes])})."
    return Failure(GenerationError(ErrorCode.LLM_REJECTED, message), billed=False)


def _transient(message: str, *, billed: bool, wait: float | None = None) -> Failure:
    seconds = 5.0 if wait is None else min(max(wait, 1.0), LONGEST_HOLD_SECONDS)
    error = TransientError(ErrorCode.LLM_UNAVAILABLE, message, retry_after_seconds=seconds)
    return Failure(error, billed)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _status(chain: list[BaseException]) -> tuple[int | None, Any]:
    for error in chain:
        for name in ("status_code", "code"):
            status = getattr(error, name, None)
            if isinstance(status, int) and not isinstance(status, bool) and status >= 300:  # noqa: PLR2004 - HTTP
                return status, getattr(getattr(error, "response", None), "headers", None)
    return None, None


def _body(error: BaseException) -> Mapping[str, Any]:
    """What a provider said of what is wrong, as an object; empty where it did not say it so."""
    for name in ("body", "details"):
        body = getattr(error, name, None)
        if isinstance(body, Mapping):
            inner = body.get("error")
            return inner if isinstance(inner, Mapping) else body
    return {}


def _codes(body: Mapping[str, Any]) -> list[str]:
    """The words for programs in it, such as `insufficient_quota` or `RESOURCE_EXHAUSTED`."""
    found = (body.get(name) for name in ("type", "code", "status"))
    codes = [each for each in found if isinstance(each, str) and _CODE.match(each)]
    return list(dict.fromkeys(codes))


def _wait(headers: Any, body: Mapping[str, Any], said: str) -> float | None:  # noqa: ANN401 - as above
    """How many seconds the provider wants us to wait; None where it does not say."""
    stated = _retry_after(headers)
    if stated is None:
        stated = _retry_delay(body)
    if stated is None:
        told = _RETRY_IN.search(f"{said} {body.get('message')}")
        stated = float(told[1]) if told else None
    return stated


def _retry_delay(body: Mapping[str, Any]) -> float | None:
    """As Google says it: among the details, `{"retryDelay": "38.2s"}`."""
    details = body.get("details")
    for each in details if isinstance(details, list) else ():
        stated = each.get("retryDelay") if isinstance(each, Mapping) else None
        found = _DELAY.match(stated) if isinstance(stated, str) else None
        if found:
            return float(found[1])
    return None


def _retry_after(headers: Any) -> float | None:  # noqa: ANN401 - of whatever HTTP library
    if headers is None:
        return None
    for name, per_second in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        stated = headers.get(name)
        try:
            seconds = float(stated) / per_second
        except (TypeError, ValueError):
            seconds = _until(stated)
        if 0 <= seconds < float("inf"):
            return seconds
    return None


def _until(stated: object) -> float:
    """Seconds until a moment as HTTP spells it; -1 where it is none, or is over."""
    try:
        moment = parsedate_to_datetime(str(stated))
        return (moment.astimezone(UTC) - now()).total_seconds()
    except (ValueError, OverflowError):
        return -1.0


def _said(error: BaseException, secret: str | None) -> str:
    """What the provider said, on one line, short, without the key or what may be one."""
    said = str(error)[:_MOST_READ]
    if secret:
        said = said.replace(secret, "[key]").replace(secret[:_TELLING], "[key]")
    said = " ".join(_MAY_BE_KEY.sub("[key]", said).split())
    return said if len(said) <= _LONGEST_MESSAGE else f"{said[:_LONGEST_MESSAGE]}…"
