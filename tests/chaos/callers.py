"""Callers that want their jobs whatever happens: each keeps trying until it has its answer."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from common import clock
from tests.chaos.documents import body_of, small_document

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

    @property
    def key(self) -> str:
        return f"wish-{self.number}"


def draw_wishes(draw: random.Random, count: int, seconds: float, verified: float) -> list[Wish]:
    """`count` wishes in the course of `seconds`, that share of them to be verified."""
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
    return wishes


@dataclass(slots=True)
class Answers:
    """What the API said, of all callers."""

    accepted: dict[str, set[str]] = field(default_factory=dict)
    """By the key that was sent along: the ids that were ever answered"""
    owners: dict[str, str] = field(default_factory=dict)
    """By job: the key of its caller"""
    cancelled: set[str] = field(default_factory=set)
    """Jobs that somebody asked to be stopped"""
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
        job_id = self._post(wish)
        if wish.again_after is not None:
            self._later(self._now + wish.again_after, lambda: self._again(wish))
        if wish.cancel_after is not None:
            self._later(self._now + wish.cancel_after, lambda: self._cancel(wish, job_id))

    def _again(self, wish: Wish) -> None:
        self._post(wish)

    def _post(self, wish: Wish) -> str:
        body = body_of(small_document(wish.number, wish.verify))
        return self._accepted(wish.key, "generate", body)

    def _accepted(self, key: str, path: str, body: bytes) -> str:
        answer = self._send(path, body, key, until={202})
        job_id: str = answer.json()["id"]
        self._answers.accepted.setdefault(key, set()).add(job_id)
        self._answers.owners[job_id] = self._api_key
        return job_id

    def _cancel(self, wish: Wish, job_id: str) -> None:
        self._answers.cancelled.add(job_id)
        self._send(f"jobs/{job_id}/cancel", b"", None, until={200, 202})
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
        while True:
            answer = self._try("POST", path, body, headers)
            if answer is not None and answer.status_code in until:
                return answer
            assert clock.monotonic() < deadline, f"no answer to {path} in time"
            time.sleep(0.2)

    def _try(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> httpx.Response | None:
        try:
            answer = self._http.request(method, path, content=body, headers=headers)
        except httpx.TransportError:
            return None
        if answer.status_code >= 400 and answer.status_code not in _BUSY:
            self._answers.refused.append(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer
