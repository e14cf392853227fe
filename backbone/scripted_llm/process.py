"""The server in the background, for as long as a `with` block lasts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from backbone.ports import answers, choose
from backbone.scripted_llm.record import Record, read_record
from common import clock
from common.errors import BackboneError
from common.parent_death import die_with_parent

_UP_WITHIN_SECONDS: Final = 20.0


class ScriptedServer:
    """Serves the scripts in `folder` on a port that stays the same when it is started again.

    `variables` are added to its environment, by name.
    """

    def __init__(self, folder: Path, variables: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._variables = dict(variables or {})
        folder.mkdir(parents=True, exist_ok=True)
        self.port = choose("127.0.0.1", 0, setting="the scripted server")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Start it and wait until it answers; BackboneError if it does not."""
        parent_id = os.getpid()
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "backbone.scripted_llm", str(self.folder), str(self.port)],
            env={**os.environ, **self._variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: die_with_parent(parent_id),  # noqa: PLW1509 - execs at once
        )
        deadline = clock.monotonic() + _UP_WITHIN_SECONDS
        while not answers("127.0.0.1", self.port):
            if self._process.poll() is not None or clock.monotonic() > deadline:
                self.kill()
                raise BackboneError("The scripted server did not come up.")
            time.sleep(0.02)

    def kill(self) -> None:
        """End it at once; what it was asked stays written down."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def script(self, name: str, *steps: dict[str, Any], key: str | None = None) -> None:
        """Say what is answered under `name` from now on."""
        path = self.folder / f"{name}.json"
        written = path.with_suffix(".writing")
        written.write_text(json.dumps({"steps": steps, "key": key}), encoding="utf-8")
        written.replace(path)

    def openai_url(self, name: str) -> str:
        """The address of a script for `OPENAI_BASE_URL`."""
        return f"http://127.0.0.1:{self.port}/{name}/v1"

    def anthropic_url(self, name: str) -> str:
        """The address of a script for `ANTHROPIC_BASE_URL`."""
        return f"http://127.0.0.1:{self.port}/{name}"

    def record(self, name: str) -> Record:
        """What has been asked of a script up to now."""
        return read_record(self.folder / f"{name}.calls")
