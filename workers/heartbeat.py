"""Keeps a claimed job while it is worked on, and hears when the work has to stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Final, Self

from common.clock import monotonic
from common.errors import TransientError
from common.jobs.claims import Claim, JobClaims, LeaseLostError

LOOK_EVERY_SECONDS: Final = 0.5
RENEWALS_PER_LEASE: Final = 3

log = logging.getLogger("backbone.worker")


class StopReason(StrEnum):
    """Why the work has to stop."""

    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    LEASE_LOST = "lease_lost"


class Heartbeat:
    """A thread beside the work on one claim; a context manager.

    It renews the lease, and looks every half second whether the caller cancelled the job, the
    time is up or somebody else has the job. `stuck()` is called (on this thread) where the work
    goes on regardless for `stuck_after_seconds` more.
    """

    def __init__(
        self,
        claims: JobClaims,
        claim: Claim,
        *,
        lease_seconds: float,
        timeout_seconds: float,
        stuck_after_seconds: float,
        stuck: Callable[[StopReason], None],
    ) -> None:
        self._claims = claims
        self._claim = claim
        self._lease_seconds = lease_seconds
        self._stuck_after_seconds = stuck_after_seconds
        self._stuck = stuck
        self._deadline = monotonic() + timeout_seconds
        self._renewed_at = monotonic()
        self._reason: StopReason | None = None
        self._stopped_at: float | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"heartbeat-{claim.job.id}", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def reason(self) -> StopReason | None:
        """Why the work has to stop; None while it may go on."""
        if self._reason is None and monotonic() > self._deadline:
            self._stop(StopReason.TIMED_OUT)
        return self._reason

    def stopping(self) -> bool:
        """Whether the work has to stop."""
        return self.reason is not None

    def _run(self) -> None:
        while not self._over.wait(LOOK_EVERY_SECONDS):
            try:
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

    def _look(self) -> None:
        if self.reason is StopReason.LEASE_LOST:
            return
        if self._claims.cancel_requested(self._claim):
            self._stop(StopReason.CANCELLED)
        if monotonic() - self._renewed_at >= self._lease_seconds / RENEWALS_PER_LEASE:
            self._claims.renew(self._claim)
            self._renewed_at = monotonic()

    def _stop(self, reason: StopReason) -> None:
        if self._reason is None or reason is StopReason.LEASE_LOST:
            self._reason = reason
        self._stopped_at = self._stopped_at or monotonic()
