"""A whole local stack in the background, on free ports, for as long as a `with` block lasts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from backbone.checkout import checkout_cache
from common import clock
from common.errors import BackboneError
from common.parent_death import die_with_parent
from common.settings import environment_without_settings

_UP_WITHIN_SECONDS: Final = 90.0
_DOWN_WITHIN_SECONDS: Final = 20.0


class BackgroundStack:
    """Runs `backbone up` in `folder`, on embedded defaults whatever this environment says.

    `settings` are variables for it, by name. Entering waits until it answers; leaving stops it.
    Raises BackboneError, with what it said, when it does not come up.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # What is slow to work out outlives the folder, which is often a temporary one.
        defaults = {"API_PORT": "0", "FLOWER_PORT": "0", "CACHE_DIR": str(checkout_cache() or "")}
        self._settings = defaults | dict(settings or {})
        self._said = folder / "up.log"
        self.api_url = ""
        self.flower_url = ""

    @property
    def api_key(self) -> str:
        """The key of the caller `default`."""
        return self.secret("api_key")

    @property
    def process_id(self) -> int:
        """Of the supervisor."""
        return self._process.pid

    def secret(self, name: str) -> str:
        """One of the secrets that were made on the first run."""
        text = (self.folder / "secrets.json").read_text(encoding="utf-8")
        return str(json.loads(text)[name])

    def __enter__(self) -> Self:
        environment = environment_without_settings() | self._settings
        environment["DATA_DIR"] = str(self.folder.resolve())
        parent_id = os.getpid()
        with self._said.open("ab") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "backbone", "up"],
                env=environment,
                cwd=self.folder,  # where no .env of somebody else lies
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(parent_id),  # noqa: PLW1509 - no threads yet
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> int:
        """Stop everything, if it has not been stopped yet; the exit status of `up`."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_DOWN_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()  # takes everything with it
        return self._process.wait()

    def _wait(self) -> None:
        deadline = clock.monotonic() + _UP_WITHIN_SECONDS
        while (running := self._running()) is None:
            if self._process.poll() is not None or clock.monotonic() > deadline:
                said = self._said.read_text(encoding="utf-8", errors="replace").strip()
                raise BackboneError(f"The platform did not come up:\n{said[-4000:]}")
            time.sleep(0.05)
        self.api_url, self.flower_url = running["api_url"], running["flower_url"]

    def _running(self) -> dict[str, str] | None:
        """What our `up` (and no earlier one that was killed) says of itself, once it is ready."""
        try:
            running = json.loads((self.folder / "stack.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return running if running["process_id"] == self._process.pid else None
