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
    took_too_long,
)
from workers.llm.model import Message, Question

GRACE_SECONDS: Final = 5.0
"""After its time limit a call is given up, also where the provider goes on sending."""
LOOK_EVERY_SECONDS: Final = 0.2
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


class LangChainProvider:
    """All providers there are, through LangChain. Safe to share between threads."""

    def __init__(self) -> None:
        self._models: dict[ModelChoice, Any] = {}
        self._lock = threading.Lock()

    def call(
        self, choice: ModelChoice, question: Question, cancelled: Callable[[], bool]
    ) -> Reply | None:
        """The reply; None if `cancelled()` turned true before it came. CallFailedError."""
        try:
            model = self._make(choice)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            raise self._told(error, choice) from None
        done: list[Any] = []
        over = threading.Event()

        def work() -> None:
            try:
                done.append(_ask(model, choice, question))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told below
                done.append(error)
            over.set()

        # On a thread of its own: a provider that sends a byte now and then never lets go of it
        threading.Thread(target=work, name="llm-call", daemon=True).start()
        until = monotonic() + choice.timeout_seconds + GRACE_SECONDS
        while not over.wait(LOOK_EVERY_SECONDS):
            if cancelled():
                return None
            if monotonic() > until:
                raise CallFailedError(took_too_long(choice.provider, choice.timeout_seconds))
        [outcome] = done
        if isinstance(outcome, Exception):
            raise self._told(outcome, choice)  # without its cause: that may say the key
        return read_reply(outcome)

    def close(self) -> None:
        """Close the connections to all providers."""
        with self._lock:
            for model in self._models.values():
                close_chat_model(model)
            self._models.clear()

    def _make(self, choice: ModelChoice) -> Any:  # noqa: ANN401 - LangChain is imported late
        with self._lock:  # the first time takes seconds: that is not the provider's fault
            model = self._models.get(choice)
            if model is None:
                model = self._models[choice] = make_chat_model(choice)
        return model

    def _told(self, error: Exception, choice: ModelChoice) -> CallFailedError:
        if isinstance(error, ImportError):
            return CallFailedError(not_installed(choice.provider))
        failure = failure_of(error, choice.provider, choice.api_key)
        if _is_too_large(error):
            failure = too_large(choice.provider)
        names = {"provider": choice.provider, "model": choice.model, "code": failure.code.value}
        log.warning("call.failed", extra=names | {"reason": type(error).__name__})
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
