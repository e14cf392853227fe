"""Callers that want their jobs whatever happens: each keeps trying until it has its answer."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from common import clock
from tests.chaos.documents import body_of, lines_of, small_document

_PATIENCE_SECONDS = 180
_BUSY = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Wish:
    """A job that somebody will ask for, and what else they will do with it."""

    number: int
    at_seconds: float
    verify: str
    again_after: float | None
    """Sends the same request once more, as one does who has not seen the answer"""
    cancel_after: float | None
    retry_after: float | None
    """Asks for the cancelled job as a new one"""
    lines: int = 0
    """How many documents, if it is a batch that is asked for"""
    pause_after: float | None = None
    """Holds the batch for a moment"""

    @property
    def key(self) -> str:
        return f"wish-{self.number}"


def draw_wishes(
    draw: random.Random, count: int, seconds: float, verified: float, batch_count: int
) -> list[Wish]:
    """`count` wishes in the course of `seconds`, that share of them to be verified; and batches."""
    wishes = []
    for number in range(count):
        cancelled = draw.random() < 0.15
        wishes.append(
            Wish(
                number,
                at_seconds=draw.uniform(0, seconds),
                verify="fast" if draw.random() < verified else "none",
                again_after=draw.uniform(0, 5) if draw.random() < 0.2 else None,
                cancel_after=draw.uniform(0, 4) if cancelled else None,
                retry_after=draw.uniform(0, 3) if cancelled and draw.random() < 0.5 else None,
            )
        )
    for number in range(count, count + batch_count):
        fate = draw.choice(["left alone", "paused", "cancelled"])
        wishes.append(
            Wish(
                number,
                at_seconds=draw.uniform(0, seconds),
                verify="none",
                again_after=draw.uniform(0, 5) if draw.random() < 0.2 else None,
                cancel_after=draw.uniform(0, 4) if fate == "cancelled" else None,
                retry_after=None,
                lines=draw.randint(2, 6),
                pause_after=draw.uniform(0, 3) if fate == "paused" else None,
            )
        )
    return wishes


@dataclass(slots=True)
class Answers:
    """What the API said, of all callers."""

    accepted: dict[str, set[str]] = field(default_factory=dict)
    """By the key that was sent along: the ids that were ever answered"""
    batches: dict[str, set[str]] = field(default_factory=dict)
    """Likewise, of batches"""
    owners: dict[str, str] = field(default_factory=dict)
    """By job or batch: the key of its caller"""
    cancelled: set[str] = field(default_factory=set)
    """Jobs and batches that somebody asked to be stopped"""
    stopped: set[str] = field(default_factory=set)
    """Those of them of which the answer was that it takes effect"""
    refused: list[str] = field(default_factory=list)
    """Answers that nobody should have got"""


class Caller(threading.Thread):
    """One of several, each with its wishes."""

    def __init__(self, url: str, api_key: str, wishes: Sequence[Wish], answers: Answers) -> None:
        super().__init__(name="caller", daemon=True)
        self._api_key = api_key
        self._answers = answers
        self._order = itertools.count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._http = httpx.Client(
            base_url=f"{url}/api/v1/", headers={"X-API-Key": api_key}, timeout=15
        )
        for wish in wishes:
            self._later(wish.at_seconds, lambda wish=wish: self._submit(wish))
        self.error: BaseException | None = None

    def run(self) -> None:
        began_at = clock.monotonic()
        try:
            while self._due:
                at_seconds, _, act = heapq.heappop(self._due)
                time.sleep(max(0.0, began_at + at_seconds - clock.monotonic()))
                self._now = clock.monotonic() - began_at
                act()
        except BaseException as error:  # noqa: BLE001 - the test raises it
            self.error = error
        finally:
            self._http.close()

    def _later(self, at_seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (at_seconds, next(self._order), act))

    def _submit(self, wish: Wish) -> None:
        place = self._post(wish)
        if wish.again_after is not None:
            self._later(self._now + wish.again_after, lambda: self._again(wish))
        if wish.pause_after is not None:
            self._later(self._now + wish.pause_after, lambda: self._pause(place))
        if wish.cancel_after is not None:
            self._later(self._now + wish.cancel_after, lambda: self._cancel(wish, place))

    def _again(self, wish: Wish) -> None:
        self._post(wish)

    def _post(self, wish: Wish) -> str:
        """Where what was asked for is: `jobs/<id>` or `batches/<id>`."""
        if wish.lines:
            own = [10_000 + 100 * wish.number + line for line in range(wish.lines)]
            body = lines_of([small_document(number, wish.verify) for number in own])
            return f"batches/{self._accepted(wish.key, 'batches', body)}"
        body = body_of(small_document(wish.number, wish.verify))
        return f"jobs/{self._accepted(wish.key, 'generate', body)}"

    def _accepted(self, key: str, path: str, body: bytes) -> str:
        answer = self._send(path, body, key, until={202})
        made: str = answer.json()["id"]
        answers = self._answers
        known = answers.batches if path == "batches" else answers.accepted
        known.setdefault(key, set()).add(made)
        answers.owners[made] = self._api_key
        return made

    def _pause(self, place: str) -> None:
        """Until a moment later; it may be over by then."""
        self._send(f"{place}/pause", b"", None, until={200, 409})
        resume_at = self._now + 2
        self._later(resume_at, lambda: self._send(f"{place}/resume", b"", None, until={200, 409}))

    def _cancel(self, wish: Wish, place: str) -> None:
        job_id = place.partition("/")[2]
        self._answers.cancelled.add(job_id)
        answer = self._send(f"{place}/cancel", b"", None, until={200, 202})
        if answer.status_code == 202:
            self._answers.stopped.add(job_id)
        if wish.retry_after is not None:
            self._later(self._now + wish.retry_after, lambda: self._retry(wish, job_id))

    def _retry(self, wish: Wish, job_id: str) -> None:
        job = self._finished(job_id)
        if job["status"] == "cancelled":
            self._accepted(f"{wish.key}-retried", f"jobs/{job_id}/retry", b"")

    def _finished(self, job_id: str) -> dict[str, Any]:
        """Waits, as a caller does, without giving up while the API is away."""
        deadline = clock.monotonic() + _PATIENCE_SECONDS
        while True:
            answer = self._try("GET", f"jobs/{job_id}", b"", {})
            if answer is not None and answer.status_code == 200:
                job: dict[str, Any] = answer.json()
                if job["status"] in {"succeeded", "failed", "cancelled"}:
                    return job
            assert clock.monotonic() < deadline, f"{job_id} was never over"
            time.sleep(0.3)

    def _send(self, path: str, body: bytes, key: str | None, until: set[int]) -> httpx.Response:
        deadline = clock.monotonic() + _PATIENCE_SECONDS
        headers = {"Idempotency-Key": key} if key else {}
        if path == "batches":
            headers["Content-Type"] = "application/jsonl"
        while True:
            answer = self._try("POST", path, body, headers, until)
            if answer is not None and answer.status_code in until:
                return answer
            assert clock.monotonic() < deadline, f"no answer to {path} in time"
            time.sleep(0.2)

    def _try(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: dict[str, str],
        awaited: Collection[int] = (),
    ) -> httpx.Response | None:
        try:
            answer = self._http.request(method, path, content=body, headers=headers)
        except httpx.TransportError:
            return None
        if answer.status_code >= 400 and answer.status_code not in {*_BUSY, *awaited}:
            self._answers.refused.append(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer
