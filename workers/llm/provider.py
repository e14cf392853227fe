"""Asks a provider, once: a question goes out, an answer or a failure in our words comes back."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from common.clock import monotonic
from common.llm.answers import Finish
from common.llm.choice import ModelChoice
from workers.llm.chat_models import (
    TooLargeError,
    close_chat_model,
    make_chat_model,
    with_schema,
)
from workers.llm.failures import (
    CallFailedError,
    failure_of,
    not_installed,
    too_large,
    too_many_given_up,
    took_too_long,
)
from workers.llm.lines import Line
from workers.llm.model import Message, Question

GRACE_SECONDS: Final = 5.0
"""After its time limit a call is given up, also where the provider goes on sending."""
LOOK_EVERY_SECONDS: Final = 0.2
MOST_GIVEN_UP: Final = 8
"""Calls of a process that hang though nobody waits for them; while it has as many it makes none."""
LONGEST_ANSWER: Final = 1024 * 1024
"""Characters"""

_CUT: Final = {"length", "max_tokens", "MAX_TOKENS", "model_context_window_exceeded"}
_REFUSED: Final = {
    "content_filter",
    "refusal",
    "SAFETY",
    "RECITATION",
    "PROHIBITED_CONTENT",
    "BLOCKLIST",
    "SPII",
    "LANGUAGE",
}
_ROLES: Final[Mapping[str, str]] = {"system": "system", "user": "human", "assistant": "ai"}

log = logging.getLogger("backbone.llm")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a provider sent, and what it says it came to (None where it does not say)."""

    text: str
    finish: Finish
    input_tokens: int | None
    output_tokens: int | None


class Provider(Protocol):
    """Whoever is asked."""

    def call(
        self, choice: ModelChoice, question: Question, cancelled: Callable[[], bool]
    ) -> Reply | None:
        """The reply; None if `cancelled()` turned true before it came. CallFailedError."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A chat model that one call at a time uses, and its connections."""

    model: Any
    line: Line


class LangChainProvider:
    """All providers there are, through LangChain. Safe to share between threads."""

    def __init__(self, make: Callable[[ModelChoice, Line], Any] = make_chat_model) -> None:
        """`make` makes chat models."""
        self._make = make
        self._idle: dict[ModelChoice, list[_Ready]] = {}
        self._given_up: set[threading.Thread] = set()
        self._lock = threading.Lock()

    def call(
        self, choice: ModelChoice, question: Question, cancelled: Callable[[], bool]
    ) -> Reply | None:
        """The reply; None if `cancelled()` turned true before it came. CallFailedError."""
        if self.count_given_up() >= MOST_GIVEN_UP:
            raise CallFailedError(too_many_given_up(choice.provider))
        try:
            ready = self._take(choice)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            raise self._told(error, choice) from None
        done: list[Any] = []
        over = threading.Event()

        def work() -> None:
            try:
                done.append(read_reply(_ask(ready.model, choice, question)))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told below
                done.append(error)
            over.set()
            self._put_back(choice, ready)

        # On a thread of its own: a provider that sends a byte now and then never lets go of it
        thread = threading.Thread(target=work, name="llm-call", daemon=True)
        thread.start()
        until = monotonic() + choice.timeout_seconds + GRACE_SECONDS
        try:
            while not over.wait(LOOK_EVERY_SECONDS):
                if cancelled():
                    return None
                if monotonic() > until:
                    raise CallFailedError(took_too_long(choice.provider, choice.timeout_seconds))
        finally:
            if not over.is_set():  # also where this thread is told to stop
                self._give_up(thread, ready)
        [outcome] = done
        if isinstance(outcome, Exception):
            raise self._told(outcome, choice)  # without its cause: that may say the key
        assert isinstance(outcome, Reply)  # noqa: S101 - what else there was is an error
        return outcome

    def count_given_up(self) -> int:
        """How many calls go on that nobody waits for any more."""
        with self._lock:
            self._given_up = {each for each in self._given_up if each.is_alive()}
            return len(self._given_up)

    def close(self) -> None:
        """Close the connections to all providers that are not in use."""
        with self._lock:
            idle = [ready for each in self._idle.values() for ready in each]
            self._idle.clear()
        for ready in idle:
            close_chat_model(ready.model)

    def _take(self, choice: ModelChoice) -> _Ready:
        with self._lock:  # the first time takes seconds: that is not the provider's fault
            idle = self._idle.get(choice, [])
            while idle:
                ready = idle.pop()
                if not ready.line.is_cut:  # after its answer had come
                    return ready
                close_chat_model(ready.model)
            line = Line()
            return _Ready(self._make(choice, line), line)

    def _give_up(self, thread: threading.Thread, ready: _Ready) -> None:
        with self._lock:
            self._given_up.add(thread)
        ready.line.cut()

    def _put_back(self, choice: ModelChoice, ready: _Ready) -> None:
        """Keep the model for the next call, unless its connections were cut."""
        with self._lock:
            if not ready.line.is_cut:
                self._idle.setdefault(choice, []).append(ready)
                return
        close_chat_model(ready.model)

    def _told(self, error: Exception, choice: ModelChoice) -> CallFailedError:
        if isinstance(error, ImportError):
            return CallFailedError(not_installed(choice.provider))
        failure = failure_of(error, choice.provider, choice.api_key)
        if _is_too_large(error):
            failure = too_large(choice.provider)
        names = {"provider": choice.provider, "model": choice.model, "code": failure.code.value}
        names |= {"reason": type(error).__name__, "said": failure.said}
        log.warning("call.failed", extra=names)
        return CallFailedError(failure)


def _ask(model: Any, choice: ModelChoice, question: Question) -> Any:  # noqa: ANN401 - an AIMessage
    if question.answer_schema is not None:
        model = with_schema(model, choice, question.answer_schema)
    config = {"run_name": f"backbone.{question.stage}", "metadata": {"prompt": question.prompt}}
    return model.invoke([_turn(each) for each in question.messages], config)


def read_reply(message: Any) -> Reply:  # noqa: ANN401 - an AIMessage
    """The reply in a message of LangChain."""
    usage = message.usage_metadata or {}
    said = message.response_metadata or {}
    reason = next(
        (said[name] for name in ("finish_reason", "stop_reason", "done_reason") if said.get(name)),
        None,
    )
    refusal = message.additional_kwargs.get("refusal")
    text = _text(message)
    finish = Finish.ANSWERED
    if refusal or reason in _REFUSED:
        finish, text = Finish.REFUSED, str(refusal or text)
    elif reason in _CUT or len(text) > LONGEST_ANSWER:
        finish = Finish.TOO_LONG
    given, taken = _count(usage.get("input_tokens")), _count(usage.get("output_tokens"))
    if not given:  # nothing is asked without a token: it was left out
        given = taken = None
    return Reply(_storable(text[:LONGEST_ANSWER]), finish, given, taken)


def _text(message: Any) -> str:  # noqa: ANN401
    for call in message.tool_calls:
        return json.dumps(call["args"], ensure_ascii=False)
    content = message.content
    if isinstance(content, str):
        return content
    parts = [part if isinstance(part, str) else part.get("text") for part in content]
    return "".join(part for part in parts if isinstance(part, str))


def _storable(text: str) -> str:
    """Without what no database takes: halves of characters, and nulls."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _turn(message: Message) -> tuple[str, str]:
    return _ROLES[message.role], message.text


def _count(stated: object) -> int | None:
    if isinstance(stated, int) and not isinstance(stated, bool) and stated >= 0:
        return stated
    return None


def _is_too_large(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, TooLargeError):
            return True
        error = error.__cause__ or error.__context__
    return False
