"""A batch as it streams in: never more of it in memory than some lines.

Pieces of the body are taken apart, checked and recorded in a thread, some lines at a time; while a
request waits for its caller to send more, it holds none.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from anyio.to_thread import run_sync
from starlette.requests import Request

from api.batch_lines import LineReader, LineSplitter
from api.bodies import body_chunks, read_body, sharer_of
from api.turns import Turns
from common.batches.incoming import Incoming
from common.batches.lines import NewLine
from common.document.limits import DocumentLimits
from common.document.pointers import kind_of
from common.document.strict_json import MAX_DEPTH, parse_json
from common.errors import Fault, RequestError

LINES: Final = frozenset({"application/jsonl", "application/x-ndjson", "application/x-jsonlines"})
LIST: Final = "application/json"
_PIECE_BYTES: Final = 128 * 1024
_LIST_VALUES: Final = 1_000_000
"""Members and items of a whole list; ten megabytes of documents hold fewer."""
_LINES_AT_ONCE: Final = 200
_BYTES_AT_ONCE: Final = 1024 * 1024
_AT_A_TIME: Final = 2
"""Requests whose lines are checked at the same time, each of another caller: it is all the
interpreter's lock lets through, and everybody else's requests need it, too."""

LineWatch = Callable[[int, Sequence[Fault]], None]
"""Is told of a line that is wrong: its number, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How large a batch may be, and each of its documents."""

    lines: int
    request_bytes: int
    json_bytes: int
    """Of one line, or of a whole list"""
    document: DocumentLimits


class BatchIntake:
    """Reads the bodies of batches; belongs to one process."""

    def __init__(self, limits: BatchLimits) -> None:
        self._limits = limits
        self._turns = Turns(_AT_A_TIME)

    async def take(
        self,
        request: Request,
        incoming: Incoming,
        caller_id: str,
        *,
        strict: bool,
        refused: LineWatch,
    ) -> str:
        """Check all lines and record them in `incoming`; the SHA-256 of the body.

        `refused` is told of each line that is wrong.

        With `strict` nothing more is recorded than what is wrong once anything is. Raises
        RequestError: 400 over the number of lines, or for a list that is not JSON, 413, 415, 422
        for what is no list, 429.
        """
        kind = media_type(request)
        sharer = sharer_of(request)
        reader = LineReader(caller_id, self._limits.document, self._limits.json_bytes)
        taker = _LineTaker(reader, incoming, self._limits.lines, strict=strict, refused=refused)
        if kind == LIST:
            body = await read_body(request, self._limits.json_bytes)
            await self._in_thread(sharer, partial(taker.take_list, body))
            return hashlib.sha256(body).hexdigest()
        digest = hashlib.sha256()
        async for piece in _pieces(request, self._limits.request_bytes):
            digest.update(piece)
            await self._in_thread(sharer, partial(taker.take_piece, piece))
        await self._in_thread(sharer, taker.end)
        return digest.hexdigest()

    async def digest(self, request: Request) -> str:
        """The SHA-256 of the body, and nothing else done with it."""
        at_most = self._limits.json_bytes if media_type(request) == LIST else None
        digest = hashlib.sha256()
        async for piece in _pieces(request, at_most or self._limits.request_bytes):
            digest.update(piece)
        return digest.hexdigest()

    async def _in_thread(self, sharer: str, step: Callable[[], None]) -> None:
        async with self._turns.turn(sharer):
            await run_sync(step)


class _LineTaker:
    """Takes the lines of one batch, and records some at once."""

    def __init__(
        self,
        reader: LineReader,
        incoming: Incoming,
        most_lines: int,
        *,
        strict: bool,
        refused: LineWatch,
    ) -> None:
        self._reader = reader
        self._incoming = incoming
        self._most_lines = most_lines
        self._strict = strict
        self._refused = refused
        self._splitter = LineSplitter(reader.longest_bytes)
        self._count = 0
        self._any_good = False
        self._any_fault = False
        self._waiting: list[NewLine] = []
        self._waiting_bytes = 0

    def take_piece(self, piece: bytes) -> None:
        self._take(self._splitter.feed(piece))

    def end(self) -> None:
        self._take(self._splitter.end())
        self._record()

    def take_list(self, body: bytes) -> None:
        values = parse_json(body, max_depth=MAX_DEPTH + 2, max_values=_LIST_VALUES)
        if not isinstance(values, list):
            message = f"A batch is an array of lines, not {kind_of(values)}."
            raise RequestError(
                422, "wrong_type", message, faults=(Fault("", "wrong_type", message),)
            )
        self._refuse_beyond(len(values))
        size = len(body) // max(1, len(values))
        for number in range(1, len(values) + 1):
            # Let go of each once it is checked
            value, values[number - 1] = values[number - 1], None
            self._add(self._reader.check(number, value), size)
        self._record()

    def _take(self, lines: Iterable[tuple[int, bytes | None]]) -> None:
        for number, text in lines:
            self._count += 1
            self._refuse_beyond(self._count)
            self._add(self._reader.read(number, text), len(text or b""))

    def _refuse_beyond(self, count: int) -> None:
        if count > self._most_lines:
            message = f"A batch has at most {self._most_lines} lines."
            raise RequestError(
                400, "limit_exceeded", message, faults=(Fault("", "limit_exceeded", message),)
            )

    def _add(self, line: NewLine, size: int) -> None:
        if line.faults:
            self._any_fault = True
            self._refused(line.number, line.faults)
        elif self._strict and self._any_fault and self._any_good:
            return  # all will be refused, for the lines that are wrong
        else:
            self._any_good = True
        self._waiting.append(line)
        self._waiting_bytes += size
        if len(self._waiting) >= _LINES_AT_ONCE or self._waiting_bytes >= _BYTES_AT_ONCE:
            self._record()

    def _record(self) -> None:
        if self._waiting:
            self._incoming.add(self._waiting)
        self._waiting = []
        self._waiting_bytes = 0


def media_type(request: Request) -> str:
    """What the body says it is; RequestError 415 for anything but lines or a list."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent not in LINES and sent != LIST:
        raise RequestError(
            415,
            "unsupported_media_type",
            "A batch is sent as application/jsonl (or application/x-ndjson), or as"
            " application/json: a list.",
            headers={"Accept-Post": "application/jsonl, application/x-ndjson, application/json"},
        )
    return sent


async def _pieces(request: Request, at_most_bytes: int) -> AsyncIterator[bytes]:
    """The body in pieces of some size; RequestError 413 beyond `at_most_bytes`."""
    waiting: list[bytes] = []
    waiting_bytes = 0
    async for chunk in body_chunks(request, at_most_bytes):
        waiting.append(chunk)
        waiting_bytes += len(chunk)
        if waiting_bytes >= _PIECE_BYTES:
            yield b"".join(waiting)
            waiting, waiting_bytes = [], 0
    if waiting:
        yield b"".join(waiting)
