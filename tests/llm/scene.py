"""A provider behind one script, as `workers/llm` asks it; and what has to hold however it ends."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass, replace
from typing import Any

import pytest

from backbone.scripted_llm.process import ScriptedServer
from backbone.scripted_llm.record import Record
from common.jobs.job import Stage
from common.llm.choice import ModelChoice
from workers.llm.failures import CallFailedError, Failure
from workers.llm.model import Message, Question
from workers.llm.provider import GRACE_SECONDS, LangChainProvider, Reply

KEY = "sk-scripted-0123456789abcdefghijklmnop"
WORDS = "Which colour, of all colours?"
SCHEMA: dict[str, Any] = {
    "title": "colour",
    "type": "object",
    "properties": {"name": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["name", "count"],
}
_TIMEOUT_SECONDS = 1.5
_LOADED_SECONDS = 120
"""The packages are imported and the machine may be busy: not the provider's fault. What hangs does
so for far longer."""


@dataclass(frozen=True)
class Scene:
    """One test's script, asked over one wire."""

    server: ScriptedServer
    name: str
    wire: str
    provider: LangChainProvider

    def script(self, *steps: dict[str, Any]) -> None:
        """What the provider does, call by call."""
        self.server.script(self.name, *steps)

    @property
    def record(self) -> Record:
        """What it was asked."""
        return self.server.record(self.name)

    def choice(self, timeout_seconds: float = _TIMEOUT_SECONDS) -> ModelChoice:
        """The model behind the script."""
        openai = self.wire == "openai"
        return ModelChoice(
            provider="openai" if openai else "anthropic",
            model="scripted-1",
            temperature=None,
            max_tokens=500,
            timeout_seconds=timeout_seconds,
            base_url=(self.server.openai_url if openai else self.server.anthropic_url)(self.name),
            api_key=KEY,
        )

    def ask(self, schema: dict[str, Any] | None = None, *, seconds: float = 60) -> Reply:
        """The reply, where there is one."""
        reply = self.provider.call(self.choice(seconds), question(schema), _never)
        assert reply is not None
        return reply

    def fail(
        self, schema: dict[str, Any] | None = None, *, seconds: float = 1.5, base_url: str = ""
    ) -> Failure:
        """What comes of a call that fails: in time, and without the key."""
        choice = self.choice(seconds)
        if base_url:
            choice = replace(choice, base_url=base_url)
        began_at = time.monotonic()
        with pytest.raises(CallFailedError) as caught:
            self.provider.call(choice, question(schema), _never)
        assert time.monotonic() - began_at < seconds + GRACE_SECONDS + _LOADED_SECONDS
        failure = caught.value.failure
        shown = "".join(traceback.format_exception(caught.value))
        for said in (shown, repr(failure), repr(failure.error), repr(choice)):
            assert KEY not in said
        return failure


def question(schema: dict[str, Any] | None = None) -> Question:
    """What is asked every time."""
    said = (Message("system", "Be brief."), Message("user", WORDS))
    return Question(Stage.DESIGN, "test-1", said, schema)


def _never() -> bool:
    return False
