"""Shows how far a batch is: a moving bar on a terminal, a line for each change elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import click

from common import clock

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

_TOLD: Final = ("succeeded", "failed", "cancelled", "running", "deferred", "queued")
_ENDED: Final = ("succeeded", "failed", "cancelled")


def counts_in_words(batch: dict[str, Any]) -> str:
    """Such as `3 succeeded, 1 failed, 6 queued, 2 refused`; what there is none of is left out."""
    counts = batch["counts"] | {"refused": batch["refused_count"]}
    return ", ".join(f"{counts[name]} {name}" for name in (*_TOLD, "refused") if counts[name])


class BatchProgress:
    """A context in which a batch's progress is shown, on the standard error stream by default."""

    def __init__(self, console: Console | None = None, *, quiet: bool = False) -> None:
        """`quiet` shows nothing at all, for programs that read the output."""
        self._console = console
        self._quiet = quiet
        self._last = ""
        self._began_at = clock.monotonic()
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

    def show(self, batch: dict[str, Any]) -> None:
        """The batch is like this now."""
        counts = batch["counts"]
        done = sum(counts[name] for name in _ENDED)
        status = str(batch["status"])
        if batch.get("held_reason"):
            status += f" ({batch['held_reason']})"
        if self._bar is not None and self._task is not None:
            words = f"{status}: {counts_in_words(batch)}"
            self._bar.update(self._task, description=words, completed=done, total=counts["total"])
            return
        line = f"{status} {done}/{counts['total']}  {counts_in_words(batch)}"
        if line != self._last and not self._quiet:
            file = self._console.file if self._console else None
            elapsed = clock.monotonic() - self._began_at
            click.echo(f"{elapsed:6.1f} s  {line}", file=file, err=True)
        self._last = line


def _moving_bar(console: Console | None) -> Progress:
    """What a terminal shows; a pipe never pays for the import."""
    from rich import console as consoles
    from rich import progress

    return progress.Progress(
        progress.BarColumn(bar_width=30),
        progress.MofNCompleteColumn(),
        progress.TextColumn("{task.description}"),
        progress.TimeElapsedColumn(),
        progress.TextColumn("left"),
        progress.TimeRemainingColumn(),
        console=console or consoles.Console(stderr=True),
        transient=False,
    )
