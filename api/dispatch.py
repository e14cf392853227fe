"""Sends what was recorded, soon after it was, outside of the request that recorded it.

A request only leaves a note here; one thread admits everything that is waiting. Many submits at
once cost one admission, and a broker that hangs keeps no caller waiting. What is missed here (the
process dies, there is no broker) is admitted by beat a few seconds later. The same thread looks
every few seconds for what was left lying: there may be no worker with the time to do that.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

_log = logging.getLogger("backbone.dispatch")

_PAUSE_SECONDS: Final = 0.02
"""After an admission, so that a flood of submits does not become a flood of admissions."""
RECOVER_EVERY_SECONDS: Final = 5.0


class Dispatcher:
    """One thread that calls `admit` soon after it was asked to, once for many who asked.

    Where nobody asks for `every_seconds` it calls `recover`.
    """

    def __init__(
        self,
        admit: Callable[[], object],
        recover: Callable[[], object],
        *,
        every_seconds: float = RECOVER_EVERY_SECONDS,
    ) -> None:
        self._admit = admit
        self._recover = recover
        self._every_seconds = every_seconds
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look for what was left lying from now on, whether anybody asks or not."""
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="dispatch", daemon=True)
                    self._thread.start()

    def soon(self) -> None:
        """Something new may be admitted. Returns at once."""
        self.start()
        self._wanted.set()

    def stop(self, within_seconds: float = 2) -> None:
        """Do what was asked for and end, or give up waiting for it."""
        self._stopping.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(within_seconds)

    def _run(self) -> None:
        last = False
        while not last:
            self._wanted.wait(self._every_seconds)
            last = self._stopping.is_set()
            step = self._recover
            if self._wanted.is_set():
                self._wanted.clear()
                step = self._admit
            try:
                step()
            except Exception as error:  # noqa: BLE001 - beat admits again; the thread must live on
                _log.warning(
                    "dispatch.failed", extra={"reason": f"{type(error).__name__}: {error}"}
                )
            self._stopping.wait(_PAUSE_SECONDS)
