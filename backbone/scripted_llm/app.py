"""The server's ASGI app: finds the script by the address, and does what its next step says."""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Final, cast

from starlette.types import Receive, Scope, Send

from backbone.scripted_llm import anthropic_wire, openai_wire
from backbone.scripted_llm.record import (
    REFUSED,
    UNSCRIPTED,
    Call,
    Record,
    present,
    read_record,
)
from backbone.scripted_llm.script import ScriptError, Step, Wire, read_script
from backbone.scripted_llm.wire import Asked, Reply, Talk

_PATHS: Final[dict[str, tuple[Wire, Talk]]] = {
    "v1/chat/completions": ("openai", cast("Talk", openai_wire)),
    "v1/messages": ("anthropic", cast("Talk", anthropic_wire)),
}
_NAME: Final = re.compile(r"[a-z0-9_-]+")
_DRIP_SECONDS: Final = 1.0
_FLOOD: Final = b" " * (1024 * 1024)


class ScriptedLlm:
    """The scripts of one folder. What they were asked is written down beside them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._records: dict[str, Record] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        name, _, path = scope["path"].strip("/").partition("/")
        if path not in _PATHS or scope["method"] != "POST" or not _NAME.fullmatch(name):
            said = Reply(HTTPStatus.NOT_FOUND, (b"scripted answers, no model\n",))
            await Voice(send, receive).say(said)
            return
        wire, talk = _PATHS[path]
        body = await _read(receive)
        voice = Voice(send, receive)
        record = self._record(name)
        number = len(record.calls)
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        try:
            asked = Asked(number, headers, dict(json.loads(body)))
        except (ValueError, TypeError):
            await voice.say(talk.error(HTTPStatus.BAD_REQUEST, "the body is no JSON object"))
            return
        step_number, step, refusal = self._choose(name, wire, talk, asked, record)
        record.add(
            Call(
                number,
                step_number,
                billed=bool(step and step.costs),
                wire=wire,
                model=asked.model,
                streamed=asked.streamed,
                at=present(),
                header_names=tuple(sorted(headers)),
                body=asked.body,
            )
        )
        if step is None or refusal is not None:
            await voice.say(refusal or talk.error(HTTPStatus.INTERNAL_SERVER_ERROR, "no step"))
        elif await _perform(step, talk, asked, voice):
            record.finish(number)

    def _record(self, name: str) -> Record:
        if name not in self._records:
            self._records[name] = read_record(self._folder / f"{name}.calls")
        return self._records[name]

    def _choose(
        self, name: str, wire: Wire, talk: Talk, asked: Asked, record: Record
    ) -> tuple[int, Step | None, Reply | None]:
        """The next step for a call, or what is said to one that has none."""
        try:
            script = read_script(self._folder / f"{name}.json")
        except ScriptError as error:
            return UNSCRIPTED, None, talk.error(HTTPStatus.NOT_FOUND, str(error))
        key = talk.key_of(asked)
        if not key or script.key not in (None, key):
            return REFUSED, None, talk.error(HTTPStatus.UNAUTHORIZED, "Incorrect API key provided")
        if fault := talk.fault_of(asked):
            return REFUSED, None, talk.error(HTTPStatus.BAD_REQUEST, fault)
        found = script.choose(wire, asked.model, asked.text, record.used)
        if found is None:
            said = talk.error(HTTPStatus.BAD_REQUEST, "the script has no step for this call")
            return UNSCRIPTED, None, said
        return *found, None


class Voice:
    """Says an answer piece by piece, as long as there is somebody who hears it."""

    def __init__(self, send: Send, receive: Receive) -> None:
        self._send = send
        self._gone = asyncio.ensure_future(_disconnect(receive))

    async def wait(self, seconds: float) -> bool:
        """Say nothing for so long; whether the other side is still there."""
        await asyncio.wait({self._gone}, timeout=seconds)
        return not self._gone.done()

    async def start(self, reply: Reply) -> None:
        """Say the status and the headers."""
        headers = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
        start = {"type": "http.response.start", "status": int(reply.status), "headers": headers}
        await self._send(start)

    async def go_on(self, part: bytes) -> bool:
        """Say a piece of the body; whether the other side is still there."""
        await self._send({"type": "http.response.body", "body": part, "more_body": True})
        return await self.wait(0)

    async def end(self) -> bool:
        """Say that this was all; whether it was heard."""
        heard = await self.wait(0)
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        self._gone.cancel()
        return heard

    async def say(self, reply: Reply) -> bool:
        """Say all of it; whether it was heard."""
        await self.start(reply)
        for part in reply.parts:
            if not await self.go_on(part):
                return False
        return await self.end()

    def leave(self) -> None:
        """End without an end: the server closes the connection of an answer that is not whole."""
        self._gone.cancel()


async def _perform(step: Step, talk: Talk, asked: Asked, voice: Voice) -> bool:
    """Do what the step says; whether an answer was said to its end and heard."""
    if not await voice.wait(step.delay_seconds):
        return False
    if step.does == "hang":
        await voice.wait(step.hang_seconds)
        voice.leave()
        return False
    reply = _reply(step, talk, asked)
    if step.does in {"answer", "refuse", "filter", "run_out", "nonsense", "error"}:
        return await voice.say(reply)
    if step.does == "bomb":
        reply = Reply(reply.status, (), dict(reply.headers) | {"content-encoding": "gzip"})
    await voice.start(reply)
    async for part in _endless(step, asked, reply):
        if not await voice.go_on(part):
            break
    voice.leave()
    return False


def _reply(step: Step, talk: Talk, asked: Asked) -> Reply:
    message = step.message.replace("{key}", talk.key_of(asked))
    if step.does == "nonsense":
        reply = Reply(HTTPStatus.OK, (step.said.encode(),), {"content-type": "application/json"})
    elif step.does == "error" and not (step.midway and asked.streamed):
        reply = talk.error(step.status, message, step.code)
    else:
        reply = talk.answer(asked, step)
        if step.does == "error":
            begun = reply.parts[: len(reply.parts) // 2]
            reply = Reply(reply.status, (*begun, talk.error_event(message)), reply.headers)
    headers = dict(reply.headers) | dict(step.headers)
    if step.retry_after is not None:
        headers["retry-after"] = step.retry_after
    return Reply(reply.status, reply.parts, headers)


async def _endless(step: Step, asked: Asked, reply: Reply) -> AsyncIterator[bytes]:
    """What is said by an answer that does not end as it should."""
    if step.does == "cut":
        for part in reply.first_half():
            yield part
    elif step.does == "flood":
        for _ in range(step.megabytes):
            yield _FLOOD
    elif step.does == "bomb":
        packing = zlib.compressobj(wbits=31)
        for _ in range(step.megabytes):
            yield packing.compress(_FLOOD)
        yield packing.flush()
    else:
        while True:
            yield b": wait\n\n" if asked.streamed else b" "
            await asyncio.sleep(_DRIP_SECONDS)


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while (message := await receive())["type"] != "http.disconnect":
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return bytes(body)


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
