"""The part of the client that speaks of batches."""

from __future__ import annotations

import codecs
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final
from urllib.parse import quote

import httpx

from backbone.client import Client, Patience, UnreachableError, read_problem
from common.errors import RequestError

Batch = dict[str, Any]
"""A batch as the API sends it."""

_WAIT_SECONDS: Final = 30
_CHECKED_WITHIN_SECONDS: Final = 300.0
_BREATH_SECONDS: Final = 0.5
"""Between two looks at a batch, however much happens in it."""
_OVER: Final = frozenset({"finished", "cancelled"})
_CHUNK_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class ResultPage:
    """Results from one place on."""

    lines: bytes
    """JSON Lines, each with its line feed"""
    cursor: str
    """Where to go on"""
    complete: bool
    """Whether nothing will ever come after it"""


class BatchClient(Client):
    """A connection to one server, for batches."""

    def submit_batch(self, lines: Iterable[bytes], *, strict: bool) -> Batch:
        """Hand in JSON Lines, as they come; the batch, with what is wrong with its lines.

        They may be those of one JSON list as well, which begins in the first. RequestError 422
        where none is good or, with `strict`, where one is wrong.
        """
        rest = iter(lines)
        first = next(rest, b"")
        is_list = first.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"[")
        return self._json(
            "POST",
            "batches",
            content=chain((first,), rest),
            params={"strict": "true"} if strict else None,
            headers={"Content-Type": "application/json" if is_list else "application/jsonl"},
            within_seconds=_CHECKED_WITHIN_SECONDS,
        )

    def batch(self, batch_id: str) -> Batch:
        """One batch."""
        return self._json("GET", _path(batch_id))

    def batches(self, limit: int) -> dict[str, Any]:
        """The caller's newest batches: `items` and `next_cursor`."""
        return self._json("GET", "batches", params={"limit": limit})

    def watch_batch(self, batch_id: str) -> Iterator[Batch]:
        """The batch now and after each change, until it is over.

        Once it has been seen, a server that is away for a moment is waited for.
        """
        tag = ""
        patience = Patience()
        while True:
            try:
                response = self._send(
                    "GET",
                    _path(batch_id),
                    params={"wait": _WAIT_SECONDS} if tag else None,
                    headers={"If-None-Match": tag} if tag else None,
                )
            except (UnreachableError, RequestError) as error:
                patience.try_on(error)
                continue
            patience.restore()
            if response.status_code != httpx.codes.NOT_MODIFIED:
                tag = response.headers.get("ETag", "")
                batch: Batch = response.json()
                yield batch
                if batch["status"] in _OVER:
                    return
            time.sleep(_BREATH_SECONDS)

    def change_batch(self, batch_id: str, verb: str) -> Batch:
        """`cancel`, `pause`, `resume` or `retry-failed` it; the batch, or the new one."""
        return self._json("POST", f"{_path(batch_id)}/{verb}")

    def results(self, batch_id: str, cursor: str, limit: int) -> ResultPage:
        """The next results after `cursor` (empty: from the beginning on)."""
        response = self._send(
            "GET", f"{_path(batch_id)}/results", params={"cursor": cursor, "limit": limit}
        )
        return ResultPage(
            response.content,
            response.headers.get("X-Next-Cursor", cursor),
            complete="next" not in response.links,
        )

    @contextmanager
    def batch_artifact(self, batch_id: str) -> Iterator[Iterator[bytes]]:
        """The zip of all artifacts of a finished batch, a piece at a time."""
        with (
            self._reaching(),
            self._http.stream("GET", f"{_path(batch_id)}/artifact") as response,
        ):
            if response.is_error:
                response.read()
                raise read_problem(response)
            yield response.iter_bytes(_CHUNK_BYTES)


def _path(batch_id: str) -> str:
    return f"batches/{quote(batch_id, safe='')}"
