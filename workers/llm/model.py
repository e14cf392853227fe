"""What stages know of a language model: a question goes in, a text comes out.

Stages never see a provider, a quota or a store. What is behind `Model` pays for each question once,
also where a job is run again, and says in the tree of `common/errors.py` why there is no answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from common.jobs.job import Stage


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """All that an answer depends on, but for the model."""

    stage: Stage
    """`design` or `implement`: each may have a model of its own"""
    prompt: str
    """Name and version of the file that the instructions come from, say `design-1`"""
    messages: tuple[Message, ...]
    answer_schema: Mapping[str, Any] | None = None
    """JSON Schema that the answer is to keep; None for free text. Never relied on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model wrote, as it came: it may be neither JSON nor what was asked for."""

    text: str
    provider: str
    model: str


class Model(Protocol):
    """Whoever answers."""

    def ask(self, question: Question) -> Answer:
        """The answer; the same one if the same was asked for this job before.

        Raises GenerationError where asking again would not help (refused, cut off at its greatest
        length, over the job's cost limit), DeferredError where a quota or the provider wants it to
        be later, TransientError where the provider could not be reached.
        """
