"""Shows how far a job is: a moving bar on a terminal, a line for each change elsewhere."""

from __future__ import annotations

import sys
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import click

from common import clock

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

STAGES: Final = ("plan", "render", "verify", "package")
"""The stages that every job goes through; a job's own words are shown as they come."""


class JobProgress:
    """A context in which a job's progress is shown, on the standard error stream by default."""

    def __init__(self, console: Console | None = None, *, quiet: bool = False) -> None:
        """`quiet` shows nothing at all, for programs that read the output."""
        self._console = console
        self._quiet = quiet
        self._last = ""
        self._began_at = clock.monotonic()
        self._first_at: datetime | None = None
        is_terminal = console.is_terminal if console else sys.stderr.isatty()
        self._bar = _moving_bar(console) if is_terminal and not quiet else None
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

    def show(
        self,
        status: str,
        stage: str | None,
        done: int,
        total: int,
        *,
        elapsed_seconds: float | None = None,
    ) -> None:
        """The job is at `stage` (None: none yet), with `done` of `total` steps behind it.

        Lines tell how much time had passed by then: since the beginning of this context, unless
        `elapsed_seconds` is given.
        """
        words = f"{status}: {stage}" if stage and status == "running" else status
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=words, completed=done, total=total or None)
            return
        line = f"{words} {done}/{total}" if total and status == "running" else words
        if line != self._last and not self._quiet:
            elapsed = elapsed_seconds
            if elapsed is None:
                elapsed = clock.monotonic() - self._began_at
            file = self._console.file if self._console else None
            click.echo(f"{elapsed:6.1f} s  {line}", file=file, err=True)
        self._last = line

    def show_job(self, job: dict[str, object]) -> None:
        """The same, from a job as the API sends it, or from an event: that has a moment `at`."""
        progress = job.get("progress")
        done, total = 0, 0
        if isinstance(progress, dict):
            done, total = int(progress.get("done") or 0), int(progress.get("total") or 0)
        stage = job.get("stage")
        elapsed = None
        if isinstance(at := job.get("at"), str):
            moment = datetime.fromisoformat(at)
            self._first_at = self._first_at or moment
            elapsed = max(0.0, (moment - self._first_at).total_seconds())
        words = str(stage) if stage else None
        self.show(str(job.get("status")), words, done, total, elapsed_seconds=elapsed)


def _moving_bar(console: Console | None) -> Progress:
    """What a terminal shows; a pipe never pays for the import."""
    from rich import console as consoles
    from rich import progress

    return progress.Progress(
        progress.SpinnerColumn(),
        progress.TextColumn("{task.description}"),
        progress.BarColumn(bar_width=30),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
        console=console or consoles.Console(stderr=True),
        transient=False,
    )
