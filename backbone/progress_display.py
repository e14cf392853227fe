"""A moving bar on a terminal, a line for each change elsewhere; of what, the subclasses say."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from common import clock

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn


class ProgressDisplay(ABC):
    """A context in which progress is shown, on the standard error stream by default."""

    def __init__(self, console: Console | None = None, *, quiet: bool = False) -> None:
        """`quiet` shows nothing at all, for programs that read the output."""
        self._console = console
        self._quiet = quiet
        self._last = ""
        self._began_at = clock.monotonic()
        is_terminal = console.is_terminal if console else sys.stderr.isatty()
        self._bar = self._moving_bar() if is_terminal and not quiet else None
        self._task = self._bar.add_task("waiting", total=None) if self._bar else None

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    @abstractmethod
    def _columns(self) -> Sequence[str | ProgressColumn]:
        """What a terminal shows; a pipe never pays for the import of rich."""

    def _tell(
        self, words: str, done: int, total: int, line: str, elapsed_seconds: float | None = None
    ) -> None:
        """Show `words` beside the bar at `done` of `total` (0: not known), elsewhere `line`.

        Lines tell how much time had passed by then: since the beginning of this context, unless
        `elapsed_seconds` is given.
        """
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=words, completed=done, total=total or None)
            return
        if line != self._last and not self._quiet:
            elapsed = elapsed_seconds
            if elapsed is None:
                elapsed = clock.monotonic() - self._began_at
            file = self._console.file if self._console else None
            click.echo(f"{elapsed:6.1f} s  {line}", file=file, err=True)
        self._last = line

    def _moving_bar(self) -> Progress:
        from rich import console as consoles
        from rich import progress

        where = self._console or consoles.Console(stderr=True)
        return progress.Progress(*self._columns(), console=where, transient=False)
