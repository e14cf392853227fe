"""Keeps a claimed job while it is worked on, tells how far it is, and hears when it has to stop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from common.clock import monotonic
from common.errors import TransientError
from common.jobs.claim import Claim, LeaseLostError
from common.jobs.claims import JobClaims
from common.jobs.job import Stage
from workers.stage_clock import StageClock

TELL_EVERY_SECONDS: Final = 0.2
"""What does not last that long is told to nobody: each time it is told costs a write."""
LOOK_EVERY_SECONDS: Final = 0.5
RENEWALS_PER_LEASE: Final = 3

log = logging.getLogger("backbone.worker")


class StopReason(StrEnum):
    """Why the work has to stop."""

    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    LEASE_LOST = "lease_lost"


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """The longest that an attempt and each of its stages may take, and who says so."""

    job_seconds: float
    job_limit: str
    """`JOB_TIMEOUT_SECONDS` or `run.timeout_seconds`"""
    stage_seconds: float
    stage_limit: str = "STAGE_TIMEOUT_SECONDS"


class Pulse:
    """One thread beside all attempts of a process: many are over sooner than a thread has begun."""

    def __init__(self, idle_seconds: float = 5) -> None:
        """`idle_seconds` is how long the thread waits for another attempt before it ends."""
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._beats: list[Callable[[], None]] = []
        self._thread: threading.Thread | None = None

    def begin(self, beat: Callable[[], None]) -> None:
        """Call `beat` every `TELL_EVERY_SECONDS` from now on."""
        with self._lock:
            self._beats.append(beat)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
                self._thread.start()

    def end(self, beat: Callable[[], None]) -> None:
        """Don't call it any more; waits for a call that goes on."""
        with self._lock:
            self._beats.remove(beat)

    def _run(self) -> None:
        idle_since = monotonic()
        while True:
            time.sleep(TELL_EVERY_SECONDS)
            with self._lock:
                for beat in self._beats:
                    idle_since = monotonic()
                    try:
                        beat()
                    except Exception:  # one that fails now is called again, and so are the others
                        log.exception("heartbeat.failed")
                if monotonic() - idle_since > self._idle_seconds:
                    self._thread = None
                    return


class Heartbeat:
    """What `pulse` does beside the work on one claim; a context manager.

    It renews the lease, tells the stage that `clock` is in once that has lasted a while, and looks
    every half second whether the caller cancelled the job, the time is up or somebody else has the
    job. `stuck()` is called (on the pulse's thread) where the work goes on regardless for
    `stuck_after_seconds` more.
    """

    def __init__(
        self,
        pulse: Pulse,
        claims: JobClaims,
        claim: Claim,
        clock: StageClock,
        *,
        lease_seconds: float,
        limits: TimeLimits,
        stuck_after_seconds: float,
        stuck: Callable[[StopReason], None],
    ) -> None:
        self._pulse = pulse
        self._claims = claims
        self._claim = claim
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._limits = limits
        self._stuck_after_seconds = stuck_after_seconds
        self._stuck = stuck
        self._began_at = monotonic()
        self._renewed_at = monotonic()
        self._looked_at = monotonic()
        self._told: tuple[Stage | None, int, int] = (None, 0, 0)
        self._reason: StopReason | None = None
        self._exceeded = ""
        self._stopped_at: float | None = None

    def __enter__(self) -> Self:
        self._pulse.begin(self._beat)
        return self

    def __exit__(self, *_: object) -> None:
        self._pulse.end(self._beat)

    @property
    def reason(self) -> StopReason | None:
        """Why the work has to stop; None while it may go on."""
        if self._reason is None:
            exceeded = self._exceeded_limit()
            if exceeded is not None:
                self._exceeded = exceeded
                self._stop(StopReason.TIMED_OUT)
        return self._reason

    @property
    def exceeded(self) -> str:
        """In one sentence which limit was exceeded; empty if none was."""
        return self._exceeded

    def stopping(self) -> bool:
        """Whether the work has to stop."""
        return self.reason is not None

    def _exceeded_limit(self) -> str | None:
        now, limits = monotonic(), self._limits
        if now - self._began_at > limits.job_seconds:
            return f"It took longer than {limits.job_seconds:g} s ({limits.job_limit})."
        stage, since, *_ = self._clock.doing
        if stage is not None and now - since > limits.stage_seconds:
            allowed = f"{limits.stage_seconds:g} s ({limits.stage_limit})"
            return f"The stage {stage} took longer than {allowed}."
        return None

    def _beat(self) -> None:
        try:
            if self.reason is not StopReason.LEASE_LOST:
                self._tell()
                self._look()
        except LeaseLostError:
            self._stop(StopReason.LEASE_LOST)
        except TransientError as error:  # no database: the lease says how long that may last
            log.warning(
                "lease.unreachable", extra={"job_id": self._claim.job.id, "reason": str(error)}
            )
            if monotonic() - self._renewed_at > self._lease_seconds:
                self._stop(StopReason.LEASE_LOST)
        if self._stopped_at and monotonic() - self._stopped_at > self._stuck_after_seconds:
            self._stuck(self._reason or StopReason.LEASE_LOST)

    def _tell(self) -> None:
        stage, since, done, total = self._clock.doing
        lasted = monotonic() - since
        if stage is None or (stage, done, total) == self._told or lasted < TELL_EVERY_SECONDS:
            return
        if stage is self._told[0]:
            self._claims.set_progress(self._claim, done, total)
        else:
            spent = self._clock.spent_seconds()
            spent.pop(stage, None)
            self._claims.set_stage(
                self._claim,
                stage,
                since_seconds=lasted,
                stage_seconds=spent,
                done=done,
                total=total,
            )
        self._told = (stage, done, total)

    def _look(self) -> None:
        now = monotonic()
        if now - self._looked_at < LOOK_EVERY_SECONDS:
            return
        if self._claims.cancel_requested(self._claim):
            self._stop(StopReason.CANCELLED)
        self._looked_at = now
        if now - self._renewed_at >= self._lease_seconds / RENEWALS_PER_LEASE:
            self._claims.renew(self._claim)
            self._renewed_at = monotonic()

    def _stop(self, reason: StopReason) -> None:
        if self._reason is None or reason is StopReason.LEASE_LOST:
            self._reason = reason
        self._stopped_at = self._stopped_at or monotonic()
