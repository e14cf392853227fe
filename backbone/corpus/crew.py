"""The processes that try documents side by side, each in a sandbox of its own.

A document that kills its process, or keeps it for too long, fails alone: another process takes the
place. The processes end with the one that started them, however that ends.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import FrameType
from typing import Final

from backbone.corpus.proof import Case, Prover, Wishes
from backbone.corpus.result import Came, DocumentResult
from common.clock import monotonic
from common.document.limits import DocumentLimits
from common.parent_death import die_with_parent
from workers.engines import Engines
from workers.pipeline import StoppedError
from workers.sandbox.sandbox import open_sandbox

_LOOK_SECONDS: Final = 0.2
_END_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Setting:
    """What every process is told when it starts."""

    wishes: Wishes
    limits: DocumentLimits
    cache_dir: Path | None
    engine_urls: Mapping[str, str | None]
    """As `common.settings` has them."""

    def machine(self) -> tuple[str, ...]:
        """What documents are tried with here: the sandbox's layers and the servers that answer."""
        with open_sandbox(self.cache_dir) as sandbox, Engines(self.engine_urls) as engines:
            return (*sandbox.layers, *engines.available())


@dataclass(frozen=True, slots=True)
class Crew:
    """How many processes there are, and what they are told."""

    setting: Setting
    jobs: int
    timeout_seconds: float

    def prove_all(
        self, cases: Sequence[Case], stopped: Callable[[], bool]
    ) -> Iterator[tuple[Case, DocumentResult]]:
        """Each document's result, as soon as there is one; fewer once `stopped()` turned true."""
        waiting = list(reversed(cases))
        members = [_Member(self.setting) for _ in range(min(self.jobs, len(cases)))]
        try:
            while (waiting or any(member.case for member in members)) and not stopped():
                for member in members:
                    if member.case is None and waiting:
                        member.give(waiting.pop())
                wait([one for member in members for one in member.signs], _LOOK_SECONDS)
                for member in members:
                    case, result = member.case, member.take(self.timeout_seconds)
                    if case is not None and result is not None:
                        yield case, result
        finally:
            for member in members:
                member.ask_to_end()
            for member in members:
                member.end()


class _Member:
    """One process, started when it is first given a document, and again after it was lost."""

    def __init__(self, setting: Setting) -> None:
        self.case: Case | None = None
        self._setting = setting
        self._process: SpawnProcess | None = None
        self._pipe: Connection[Case, DocumentResult] | None = None
        self._began_at = 0.0

    @property
    def signs(self) -> list[Connection[Case, DocumentResult] | int]:
        """What becomes ready when there is a result, or no process any more."""
        if self._process is None or self._pipe is None or self.case is None:
            return []
        return [self._pipe, self._process.sentinel]

    def give(self, case: Case) -> None:
        """Let the process try a document."""
        self.case, self._began_at = case, monotonic()
        pipe = self._pipe
        if pipe is None or self._process is None or not self._process.is_alive():
            pipe = self._start()
        with contextlib.suppress(OSError):  # it died; `take` says so
            pipe.send(case)

    def take(self, timeout_seconds: float) -> DocumentResult | None:
        """The result of the document, once there is one."""
        if self.case is None or self._process is None or self._pipe is None:
            return None
        result: DocumentResult | None = None
        with contextlib.suppress(EOFError, OSError):
            if self._pipe.poll():
                result = self._pipe.recv()
        if result is None:
            if not self._process.is_alive():
                result = self._lost(f"its process {_ending(self._process.exitcode)}")
            elif monotonic() - self._began_at > timeout_seconds:
                result = self._lost(f"took longer than {timeout_seconds:g} s")
                self.ask_to_end()
                self.end()
            else:
                return None
        self.case = None
        return result

    def ask_to_end(self) -> None:
        """Let the process stop what it does and end."""
        if self._process is not None and self._process.is_alive():
            self._process.terminate()

    def end(self) -> None:
        """Wait for the process to end; for a few seconds, then it is killed."""
        if self._process is not None:
            self._process.join(_END_SECONDS)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
            self._process.close()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None

    def _start(self) -> Connection[Case, DocumentResult]:
        self.end()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, self._setting, os.getpid()))
        self._process.start()
        theirs.close()
        return self._pipe

    def _lost(self, why: str) -> DocumentResult:
        assert self.case is not None  # noqa: S101 - nothing is lost where nothing was given
        seconds = round(monotonic() - self._began_at, 2)
        return DocumentResult(self.case.name, Came.FAILED, "", None, seconds, (why,))


def _work(pipe: Connection[DocumentResult, Case], setting: Setting, parent_id: int) -> None:
    """Try documents until there are no more, or SIGTERM comes."""
    die_with_parent(parent_id)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is the parent's to answer
    ended = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal ended
        ended = True

    signal.signal(signal.SIGTERM, end)
    with open_sandbox(setting.cache_dir) as sandbox, Engines(setting.engine_urls) as engines:
        prover = Prover(setting.wishes, setting.limits, sandbox, engines, lambda: ended)
        while not ended:
            try:
                if pipe.poll(_LOOK_SECONDS):
                    pipe.send(prover.prove(pipe.recv()))
            except (StoppedError, EOFError, OSError):
                return


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with status {code}"
