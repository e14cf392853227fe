"""Does what no request waits for, one thing after the other, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue

_log = logging.getLogger("backbone.later")


class Later:
    """Runs calls soon. One that fails is logged, and gone; so is what is left at the end."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def run(self, call: Callable[[], object]) -> None:
        """Have `call` run. Returns at once."""
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._serve, name="later", daemon=True)
                    self._thread.start()
        self._calls.put(call)

    def stop(self, within_seconds: float = 2) -> None:
        """Do what was asked for and end, or give up waiting for it."""
        self._calls.put(None)
        if self._thread is not None:
            self._thread.join(within_seconds)

    def _serve(self) -> None:
        while (call := self._calls.get()) is not None:
            try:
                call()
            except Exception as error:  # noqa: BLE001 - the thread must live on
                _log.warning("later.failed", extra={"reason": type(error).__name__})
