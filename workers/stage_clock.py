"""What a run is doing, since when, and how long each stage before that took."""

from __future__ import annotations

import threading
from typing import NamedTuple

from common.clock import monotonic
from common.jobs.job import Stage


class Doing(NamedTuple):
    """The stage of a moment; `stage` is None before the first one begins."""

    stage: Stage | None
    since: float
    """By `monotonic`"""
    done: int
    total: int


class StageClock:
    """Told by the work, read by the thread beside it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._doing = Doing(None, monotonic(), 0, 0)
        self._spent: dict[Stage, float] = {}
        self._taken_over: set[Stage] = set()

    @property
    def doing(self) -> Doing:
        """What is being done now."""
        return self._doing

    def begin(self, stage: Stage) -> None:
        """Another stage begins, which ends the one before."""
        with self._lock:
            now = monotonic()
            self._spent = self._until(now)
            self._doing = Doing(stage, now, 0, 0)

    def step(self, done: int, total: int) -> None:
        """So much of the stage is done."""
        with self._lock:
            self._doing = self._doing._replace(done=done, total=total)

    def take_over(self, stage: Stage) -> None:
        """What the stage makes was there already: how long it took says nothing of such stages."""
        self._taken_over.add(stage)

    def spent_seconds(self) -> dict[Stage, float]:
        """How long each stage took, that of this moment so far included."""
        with self._lock:
            return self._until(monotonic())

    def _until(self, now: float) -> dict[Stage, float]:
        stage, since, *_ = self._doing
        if stage is None or stage in self._taken_over:
            return dict(self._spent)
        return self._spent | {stage: self._spent.get(stage, 0.0) + now - since}
