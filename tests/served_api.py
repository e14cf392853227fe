"""The API as a process of its own, on a free port, for tests of what only a real one does."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from backbone.ports import answers, choose
from common import clock
from common.parent_death import die_with_parent
from common.settings import environment_without_settings

_WITHIN_SECONDS = 60.0


class ServedApi:
    """`python -m api.server` in `folder`, for as long as a `with` block lasts; no queue beside it.

    `settings` are variables for it, by name. What it says goes to `log`.
    """

    api_key = "the-key-of-a-process-that-only-tests-run"
    jwt_secret = "the-secret-of-a-process-that-only-tests-run"

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self.port = choose("127.0.0.1", 0, setting="a test")
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"api-{self.port}.log"
        self.settings = {
            "API_PORT": str(self.port),
            "API_KEY": self.api_key,
            "JWT_SECRET_KEY": self.jwt_secret,
            "DATA_DIR": str(folder / "data"),
        } | dict(settings or {})

    @property
    def good(self) -> dict[str, str]:
        """The header with the key of the caller `default`."""
        return {"X-API-Key": self.api_key}

    @property
    def process_id(self) -> int:
        return self._process.pid

    def memory_bytes(self, what: str = "VmRSS") -> int:
        """What the process holds in memory now; with `VmHWM` the most that it has held."""
        status = Path(f"/proc/{self.process_id}/status").read_text(encoding="ascii")
        (line,) = [line for line in status.splitlines() if line.startswith(f"{what}:")]
        return int(line.split()[1]) * 1024

    def __enter__(self) -> Self:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "api.server"],
                env=environment_without_settings() | self.settings,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - no threads yet
            )
        deadline = clock.monotonic() + _WITHIN_SECONDS
        while not answers("127.0.0.1", self.port):
            assert self._process.poll() is None, self.log.read_text(encoding="utf-8")
            assert clock.monotonic() < deadline
            time.sleep(0.05)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
