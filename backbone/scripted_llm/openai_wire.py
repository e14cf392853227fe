"""OpenAI's chat completions, as openai 3 and langchain-openai 1 read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from backbone.scripted_llm.script import Step, Usage
from backbone.scripted_llm.wire import Asked, Reply, json_reply, pieces, usage_of

_CREATED: Final = 1_700_000_000
_CODES: Final = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}
_TYPES: Final = {429: "requests", 500: "server_error", 502: "server_error", 503: "server_error"}


def key_of(asked: Asked) -> str:
    """What the header `Authorization` bears."""
    scheme, _, key = asked.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def fault_of(asked: Asked) -> str | None:
    """What the provider would answer 400 to."""
    messages = asked.body.get("messages")
    if not asked.model:
        return "you must provide a model parameter"
    if not isinstance(messages, list) or not messages:
        return "'messages' must contain at least 1 message"
    for message in messages:
        if message.get("role") not in {"system", "developer", "user", "assistant", "tool"}:
            return f"Invalid value: {message.get('role')!r}"
    wanted = asked.body.get("response_format") or {}
    if wanted.get("type") == "json_schema" and not wanted.get("json_schema", {}).get("name"):
        return "Missing required parameter: 'response_format.json_schema.name'"
    return None


def answer(asked: Asked, step: Step) -> Reply:
    """The completion, whole or in chunks."""
    if asked.streamed:
        said = tuple(_event(chunk) for chunk in _chunks(asked, step))
        headers = {"content-type": "text/event-stream; charset=utf-8"} | _request_id(asked)
        return Reply(HTTPStatus.OK, (*said, b"data: [DONE]\n\n"), headers)
    message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
    message |= {"annotations": []} | _said(asked, step)
    choice = {"index": 0, "message": message, "logprobs": None}
    content = _head(asked, "chat.completion")
    content["choices"] = [choice | {"finish_reason": _finish_reason(asked, step)}]
    content |= {"service_tier": "default", "system_fingerprint": None}
    if usage := usage_of(asked, step):
        content["usage"] = _usage(usage)
    return json_reply(HTTPStatus.OK, content, _request_id(asked))


def error(status: int, message: str, code: str | None = None) -> Reply:
    """OpenAI's form of an error."""
    kind = _TYPES.get(status, "invalid_request_error")
    about = {"message": message, "type": kind, "param": None, "code": code or _CODES.get(status)}
    return json_reply(status, {"error": about})


def error_event(message: str) -> bytes:
    """What a stream says that can't go on."""
    return _event({"error": {"message": message, "type": "server_error", "code": None}})


def _head(asked: Asked, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-scripted{asked.number}",
        "object": kind,
        "created": _CREATED,
        "model": asked.model,
    }


def _request_id(asked: Asked) -> dict[str, str]:
    return {"x-request-id": f"req_scripted{asked.number}"}


def _tool(asked: Asked, step: Step) -> str | None:
    """The tool that is called; None where the model just speaks."""
    tools = asked.body.get("tools") or []
    choice = asked.body.get("tool_choice")
    if step.plain or not tools or choice == "none" or step.does in {"refuse", "filter"}:
        return None
    if isinstance(choice, dict):
        return str(choice["function"]["name"])
    return str(tools[0]["function"]["name"])


def _finish_reason(asked: Asked, step: Step) -> str:
    if step.does in {"run_out", "filter"}:
        return "length" if step.does == "run_out" else "content_filter"
    forced = isinstance(asked.body.get("tool_choice"), dict)
    return "tool_calls" if _tool(asked, step) and not forced else "stop"


def _said(asked: Asked, step: Step) -> dict[str, Any]:
    if step.does == "refuse":
        return {"refusal": step.text or "I'm sorry, I can't help with that."}
    if step.does == "filter":
        return {"content": step.text or ""}
    if (name := _tool(asked, step)) is None:
        return {"content": step.said}
    function = {"name": name, "arguments": step.said}
    call_id = f"call_scripted{asked.number}"
    return {"tool_calls": [{"id": call_id, "type": "function", "function": function}]}


def _chunks(asked: Asked, step: Step) -> Iterator[dict[str, Any]]:
    def chunk(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return _head(asked, "chat.completion.chunk") | {"choices": [choice]}

    said = _said(asked, step)
    yield chunk({"role": "assistant", "content": "", "refusal": None})
    if calls := said.get("tool_calls"):
        [call] = calls
        function = {"name": call["function"]["name"], "arguments": ""}
        yield chunk({"tool_calls": [call | {"index": 0, "function": function}]})
        for piece in pieces(call["function"]["arguments"]):
            yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
    else:
        [(name, text)] = said.items()
        for piece in pieces(text):
            yield chunk({name: piece})
    yield chunk({}, _finish_reason(asked, step))
    wanted = (asked.body.get("stream_options") or {}).get("include_usage")
    if wanted and (usage := usage_of(asked, step)):
        last = {"choices": [], "usage": _usage(usage)}
        yield _head(asked, "chat.completion.chunk") | last


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def _event(content: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(content)}\n\n".encode()
