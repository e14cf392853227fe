"""Keeps a handful of programs running, and ends them all in order.

One thread and one loop: whoever owns a `Supervisor` calls `turn` again and again. A program that
dies is started again after a pause that doubles; one that keeps dying at once is given up on.
"""

from __future__ import annotations

import selectors
import signal
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from backbone.child import Child, Program, start
from common import clock
from common.errors import BackboneError

_FIRST_PAUSE_SECONDS: Final = 0.25
_LONGEST_PAUSE_SECONDS: Final = 10.0
_STEADY_SECONDS: Final = 10.0
"""A program that ran this long has started well: the next pause is short again."""
_MOST_FAILED_STARTS: Final = 4
_LINES_KEPT: Final = 15


class ProgramGivenUpError(BackboneError):
    """A program can't be kept running; the message ends with the last lines that it wrote."""


class Supervisor:
    """Starts, watches, restarts and stops programs. Not thread-safe; use it in the main thread."""

    def __init__(self, on_line: Callable[[str, str], None]) -> None:
        """`on_line(name, line)` gets all that the programs write, and what happens to them."""
        self._on_line = on_line
        self._selector = selectors.DefaultSelector()
        self._children: dict[str, Child] = {}
        self._due: dict[str, tuple[float, Program]] = {}
        self._failed_starts: dict[str, int] = {}
        self._last_lines: dict[str, deque[str]] = {}

    def start(self, program: Program) -> None:
        """Start `program` and keep it running from now on."""
        child = start(program)
        self._children[program.name] = child
        self._last_lines[program.name] = deque(maxlen=_LINES_KEPT)
        self._selector.register(child.output, selectors.EVENT_READ, child)

    @property
    def process_ids(self) -> dict[str, int]:
        """The id of the first process of each program that runs now."""
        return {name: child.process.pid for name, child in self._children.items()}

    def turn(self, seconds: float) -> None:
        """Wait up to `seconds` for something to happen, and see to it.

        Raises ProgramGivenUpError when a program could not be kept running.
        """
        self._hear(seconds)
        for child in list(self._children.values()):
            if not child.running:
                self._bury(child)
        now = clock.monotonic()
        for name, (at, program) in list(self._due.items()):
            if at <= now:
                del self._due[name]
                self.start(program)

    def stop(self, *groups: Iterable[str]) -> None:
        """Stop the named programs, group after group, each within its time; then any others."""
        self._due.clear()
        for names in (*groups, tuple(self._children)):
            self._stop_together([self._children[name] for name in names if name in self._children])

    def _stop_together(self, children: list[Child]) -> None:
        began_at = clock.monotonic()
        for child in children:
            child.terminate()
        while children:
            self._hear(0.05)
            waited_seconds = clock.monotonic() - began_at
            for child in list(children):
                too_slow = waited_seconds > child.program.stop_within_seconds
                if child.running and not too_slow:
                    continue
                if child.running:
                    self._tell(child, "did not stop in time and was killed")
                self._forget(child)
                children.remove(child)

    def _hear(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            child: Child = key.data
            lines = child.read_lines()
            if lines is None:
                self._selector.unregister(child.output)
                continue
            for line in lines:
                self._last_lines[child.program.name].append(line)
                self._on_line(child.program.name, line)

    def _bury(self, child: Child) -> None:
        program, status = child.program, child.process.returncode
        ran_seconds = clock.monotonic() - child.started_at
        self._forget(child)
        failed = (
            1 if ran_seconds > _STEADY_SECONDS else self._failed_starts.get(program.name, 0) + 1
        )
        self._failed_starts[program.name] = failed
        if failed >= _MOST_FAILED_STARTS:
            words = "\n".join(f"  {line}" for line in self._last_lines[program.name])
            raise ProgramGivenUpError(
                f"{program.name} can't be kept running ({_ending(status)}); its last words:\n"
                + words
            )
        pause = min(_FIRST_PAUSE_SECONDS * 2 ** (failed - 1), _LONGEST_PAUSE_SECONDS)
        self._due[program.name] = (clock.monotonic() + pause, program)
        self._tell(child, f"{_ending(status)} and is started again in {pause:g} s")

    def _forget(self, child: Child) -> None:
        for line in child.read_lines() or ():
            self._last_lines[child.program.name].append(line)
            self._on_line(child.program.name, line)
        if child.output in self._selector.get_map():
            self._selector.unregister(child.output)
        child.close()
        del self._children[child.program.name]

    def _tell(self, child: Child, what: str) -> None:
        self._on_line("stack", f"WARNING {child.program.name} {what}")


def _ending(status: int) -> str:
    """How a process ended, from its exit status, in words."""
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"
