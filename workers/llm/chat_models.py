"""The chat models of the providers, made by LangChain; imported only once somebody asks.

None of them tries again by itself (whoever runs the job decides about that), all have a time limit,
and none reads more of an answer than `LARGEST_RESPONSE_BYTES`.
"""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from common.llm.choice import ModelChoice
from workers.llm.lines import Hooks, Line

LARGEST_RESPONSE_BYTES: Final = 8 * 1024 * 1024
ANSWER: Final = "answer"
_NO_KEY: Final = "not-needed"  # some servers that speak as OpenAI's does want to see one
_NOISY: Final = ("openai", "anthropic", "httpx", "httpx2", "httpcore", "httpcore2", "google_genai")


_PACKINGS: Final = {"gzip", "x-gzip", "deflate"}
_EITHER_HEADER: Final = 32 + zlib.MAX_WBITS
_PIECE_BYTES: Final = 64 * 1024


class TooLargeError(Exception):
    """More than anybody wants to read."""


def make_chat_model(choice: ModelChoice, line: Line) -> Any:  # noqa: ANN401 - LangChain is imported late
    """The model, ready to be asked; ImportError where its package is not installed.

    `line` hears of its connections.
    """
    from langchain.chat_models import init_chat_model  # noqa: PLC0415 - two seconds, 100 MB

    for name in _NOISY:  # at DEBUG they would write down what is asked
        logging.getLogger(name).setLevel(logging.WARNING)
    common: dict[str, Any] = {"model_provider": _LANGCHAIN_NAMES[choice.provider]}
    if choice.temperature is not None:
        common["temperature"] = choice.temperature
    model = init_chat_model(
        choice.model, **common, **_MAKERS[choice.provider](choice, _hooks(line))
    )
    if choice.provider == "anthropic":
        import anthropic  # noqa: PLC0415 - see above

        client = anthropic.DefaultHttpxClient(
            timeout=choice.timeout_seconds, event_hooks=_hooks(line)
        )
        # Its package takes no client of ours, and shares one between all models.
        model.__dict__["_client"] = model._client.with_options(http_client=client)  # noqa: SLF001
    return model


def close_chat_model(model: Any) -> None:  # noqa: ANN401 - see above
    """Close its connections."""
    for name in ("root_client", "_client", "client"):
        close = getattr(getattr(model, name, None), "close", None)
        if close is not None:
            close()
            return


def with_schema(model: Any, choice: ModelChoice, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """The model, told to answer in JSON that keeps to `schema`, in its provider's own way."""
    wanted = json.loads(json.dumps(schema))
    if choice.provider == "openai":
        # As part of the body, so that the package does not read the answer for us: it raises
        # where one was cut off, and the usage with it.
        described = {"name": ANSWER, "schema": wanted, "strict": False}
        body = {"response_format": {"type": "json_schema", "json_schema": described}}
        return model.bind(extra_body=body)
    if choice.provider == "anthropic":
        tool = {
            "name": ANSWER,
            "description": "Give the answer. Always use this tool, once.",
            "input_schema": {"type": "object"} | wanted,
        }
        forced = not choice.model.startswith(_CHOOSE_THEMSELVES)
        return model.bind_tools([tool], tool_choice=ANSWER if forced else "auto")
    if choice.provider == "google":
        return model.bind(response_mime_type="application/json", response_json_schema=wanted)
    return model.bind(format=wanted)


_LANGCHAIN_NAMES: Final = {
    "openai": "openai",
    "anthropic": "anthropic",
    "google": "google_genai",
    "ollama": "ollama",
}
_CHOOSE_THEMSELVES: Final = ("claude-fable-5", "claude-opus-5-5", "claude-sonnet-5-5")
"""Models of which no tool may be asked for by name."""


def _openai(choice: ModelChoice, hooks: Hooks) -> dict[str, Any]:
    import openai  # noqa: PLC0415 - see above

    return {
        "api_key": choice.api_key or _NO_KEY,
        "base_url": choice.base_url,
        "max_tokens": choice.max_tokens,
        "timeout": choice.timeout_seconds,
        "max_retries": 0,
        "use_responses_api": False,
        "stream_usage": True,
        "http_client": openai.DefaultHttpxClient(timeout=choice.timeout_seconds, event_hooks=hooks),
    }


def _anthropic(choice: ModelChoice, _hooks: Hooks) -> dict[str, Any]:
    return {
        "api_key": choice.api_key or _NO_KEY,
        "base_url": choice.base_url,
        "max_tokens": choice.max_tokens,
        "timeout": choice.timeout_seconds,
        "max_retries": 0,
    }


def _google(choice: ModelChoice, hooks: Hooks) -> dict[str, Any]:
    return {
        "api_key": choice.api_key,
        "base_url": choice.base_url,
        "max_output_tokens": choice.max_tokens,
        "timeout": choice.timeout_seconds,
        "max_retries": 1,  # it counts the first time
        "client_args": {"event_hooks": hooks},
    }


def _ollama(choice: ModelChoice, hooks: Hooks) -> dict[str, Any]:
    return {
        "base_url": choice.base_url,
        "num_predict": choice.max_tokens,
        "client_kwargs": {"timeout": choice.timeout_seconds},
        "sync_client_kwargs": {"event_hooks": hooks},
    }


_MAKERS: Final[Mapping[str, Callable[[ModelChoice, Hooks], dict[str, Any]]]] = {
    "openai": _openai,
    "anthropic": _anthropic,
    "google": _google,
    "ollama": _ollama,
}


def _hooks(line: Line) -> Hooks:
    return {"request": [line.watch], "response": [bound_response]}


def bound_response(response: Any) -> None:  # noqa: ANN401 - of httpx or httpx2
    """Have the response stop with TooLargeError where it grows too large.

    It is unpacked here: 8 MB of nothing, packed, would be 8 GB for whoever unpacks it.
    """
    stream = response.stream
    kind = next(base for base in type(stream).__mro__ if base.__name__ == "SyncByteStream")
    packing = response.headers.pop("content-encoding", "identity").strip().lower()

    class Bounded(kind):  # type: ignore[misc, valid-type]
        def __iter__(self) -> Iterator[bytes]:
            seen = 0
            for chunk in unpack(stream, packing):
                seen += len(chunk)
                if seen > LARGEST_RESPONSE_BYTES:
                    raise TooLargeError
                yield chunk

        def close(self) -> None:
            stream.close()

    response.stream = Bounded()


def unpack(packed: Iterable[bytes], packing: str) -> Iterator[bytes]:
    """What was packed as `gzip` or `deflate`, in pieces of bounded size; ValueError, zlib.error."""
    if packing == "identity":
        yield from packed
        return
    if packing not in _PACKINGS:
        raise ValueError(f"an answer that is packed as {packing[:20]!r}")
    unpacking = zlib.decompressobj(_EITHER_HEADER)
    for chunk in packed:
        rest = chunk
        while rest:
            yield unpacking.decompress(rest, _PIECE_BYTES)
            rest = unpacking.unconsumed_tail
    yield unpacking.flush()
