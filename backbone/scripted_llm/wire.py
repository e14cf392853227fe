"""What both wires have in common: a request that was read, and what is said in return."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from backbone.scripted_llm.script import Step, Usage

_PIECES: Final = 40
"""Streams say an answer in about so many events."""
_SHORTEST_PIECE: Final = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as an answer depends on it."""

    number: int
    headers: Mapping[str, str]
    """Names in lower case"""
    body: dict[str, Any]

    @property
    def model(self) -> str:
        """The model that was asked for."""
        return str(self.body.get("model", ""))

    @property
    def streamed(self) -> bool:
        """Whether the answer is wanted in pieces."""
        return self.body.get("stream") is True

    @property
    def text(self) -> str:
        """Every string that was sent, also those within messages, tools and schemas."""
        return "\n".join(_strings(self.body))


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer, in the pieces that it is said in."""

    status: int
    parts: tuple[bytes, ...]
    headers: Mapping[str, str] = field(default_factory=dict)

    def first_half(self) -> tuple[bytes, ...]:
        """What the other side gets of it when the connection is cut."""
        whole = b"".join(self.parts)
        return (whole[: len(whole) // 2],)


class Talk(Protocol):
    """One provider's wire, as a module."""

    def key_of(self, asked: Asked) -> str:
        """The key that came along; empty if none did."""

    def fault_of(self, asked: Asked) -> str | None:
        """What the provider would find wrong with the request."""

    def answer(self, asked: Asked, step: Step) -> Reply:
        """The answer of the model, whole or as a stream."""

    def error(self, status: int, message: str, code: str | None = None) -> Reply:
        """A refusal of the provider's."""

    def error_event(self, message: str) -> bytes:
        """An error in the middle of a stream."""


def json_reply(
    status: int, content: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Reply:
    """An answer of one JSON object."""
    said = {"content-type": "application/json"} | dict(headers or {})
    return Reply(status, (json.dumps(content).encode(),), said)


def usage_of(asked: Asked, step: Step) -> Usage | None:
    """The usage that the answer tells of: the script's, or about a token for four bytes."""
    if step.usage != "estimate":
        return step.usage
    longest = asked.body.get("max_completion_tokens") or asked.body.get("max_tokens")
    output_tokens = _tokens(step.said) if step.does != "refuse" else 8
    if step.does == "run_out" and isinstance(longest, int):
        output_tokens = longest
    return Usage(input_tokens=_tokens(asked.text), output_tokens=output_tokens)


def pieces(text: str) -> list[str]:
    """A text as a stream says it."""
    length = max(_SHORTEST_PIECE, -(-len(text) // _PIECES))
    return [text[start : start + length] for start in range(0, len(text), length)]


def _tokens(text: str) -> int:
    return -(-len(text.encode(errors="replace")) // 4)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _strings(member)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
