"""Anthropic's messages, as anthropic 2 and langchain-anthropic 1 read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from backbone.scripted_llm.script import Step, Usage
from backbone.scripted_llm.wire import Asked, Reply, json_reply, pieces, usage_of

_TYPES: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "api_error",
    529: "overloaded_error",
}
_FILTERED: Final = "Output blocked by content filtering policy"


def key_of(asked: Asked) -> str:
    """The key, in either of the headers that are taken; anthropic 2 sends the second."""
    bearer = asked.headers.get("authorization", "").removeprefix("Bearer ")
    return asked.headers.get("x-api-key", bearer).strip()


def fault_of(asked: Asked) -> str | None:
    """What the provider would answer 400 to."""
    if "anthropic-version" not in asked.headers:
        return "anthropic-version: header is required"
    messages = asked.body.get("messages")
    for name, kind in (("model", str), ("max_tokens", int), ("messages", list)):
        if not asked.body.get(name) or not isinstance(asked.body[name], kind):
            return f"{name}: Field required"
    for number, message in enumerate(messages or []):
        if message.get("role") not in {"user", "assistant"}:
            return f"messages.{number}.role: unexpected role {message.get('role')!r}"
        if not message.get("content"):
            return f"messages.{number}: all messages must have non-empty content"
    return None


def answer(asked: Asked, step: Step) -> Reply:
    """The message, whole or as events."""
    if step.does == "filter":
        return error(HTTPStatus.BAD_REQUEST, _FILTERED)
    headers = {"request-id": f"req_scripted{asked.number}"}
    if asked.streamed:
        said = tuple(_event(event) for event in _events(asked, step))
        kind = {"content-type": "text/event-stream; charset=utf-8"}
        return Reply(HTTPStatus.OK, said, kind | headers)
    usage = usage_of(asked, step)
    content = _head(asked) | {
        "content": _blocks(asked, step),
        "stop_reason": _stop_reason(asked, step),
        "usage": _usage(usage) if usage else None,
    }
    return json_reply(HTTPStatus.OK, content, headers)


def error(status: int, message: str, code: str | None = None) -> Reply:
    """Anthropic's form of an error; it knows types, no codes."""
    kind = code or _TYPES.get(status, "api_error")
    about = {"type": kind, "message": message}
    return json_reply(status, {"type": "error", "error": about, "request_id": "req_scripted"})


def error_event(message: str) -> bytes:
    """What a stream says that can't go on."""
    return _event({"type": "error", "error": {"type": "overloaded_error", "message": message}})


def _head(asked: Asked) -> dict[str, Any]:
    return {
        "id": f"msg_scripted{asked.number}",
        "type": "message",
        "role": "assistant",
        "model": asked.model,
        "stop_sequence": None,
    }


def _called(asked: Asked, step: Step) -> tuple[str, Any] | None:
    """The tool that is called, and its input; None where the model just speaks.

    The wire has no place for an input that is not JSON, other than a stream.
    """
    tools = asked.body.get("tools") or []
    choice = asked.body.get("tool_choice") or {}
    if step.plain or not tools or choice.get("type") == "none" or step.does == "refuse":
        return None
    name = str(choice.get("name") or tools[0]["name"])
    try:
        return name, json.loads(step.said)
    except ValueError:
        return (name, None) if asked.streamed else None


def _blocks(asked: Asked, step: Step) -> list[dict[str, Any]]:
    if called := _called(asked, step):
        name, value = called
        call_id = f"toolu_scripted{asked.number}"
        return [{"type": "tool_use", "id": call_id, "name": name, "input": value}]
    if step.does == "refuse":
        return [{"type": "text", "text": step.text}] if step.text else []
    return [{"type": "text", "text": step.said}]


def _stop_reason(asked: Asked, step: Step) -> str:
    if step.does in {"run_out", "refuse"}:
        return "max_tokens" if step.does == "run_out" else "refusal"
    return "tool_use" if _called(asked, step) else "end_turn"


def _events(asked: Asked, step: Step) -> Iterator[dict[str, Any]]:
    usage = usage_of(asked, step)
    counted = _usage(usage) if usage else {}
    first = counted | ({"output_tokens": 1} if usage else {})
    empty: dict[str, Any] = {"content": [], "stop_reason": None, "usage": first}
    yield {"type": "message_start", "message": _head(asked) | empty}
    for index, block in enumerate(_blocks(asked, step)):
        at = {"index": index}
        if block["type"] == "tool_use":
            start = block | {"input": {}}
            deltas = [
                {"type": "input_json_delta", "partial_json": part} for part in pieces(step.said)
            ]
        else:
            start = {"type": "text", "text": ""}
            deltas = [{"type": "text_delta", "text": part} for part in pieces(block["text"])]
        yield {"type": "content_block_start", "content_block": start} | at
        yield {"type": "ping"}
        for delta in deltas:
            yield {"type": "content_block_delta", "delta": delta} | at
        yield {"type": "content_block_stop"} | at
    ended = {"stop_reason": _stop_reason(asked, step), "stop_sequence": None}
    yield {"type": "message_delta", "delta": ended, "usage": counted}
    yield {"type": "message_stop"}


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": usage.output_tokens,
        "service_tier": "standard",
    }


def _event(content: dict[str, Any]) -> bytes:
    return f"event: {content['type']}\ndata: {json.dumps(content)}\n\n".encode()
