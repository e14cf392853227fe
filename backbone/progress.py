"""Shows how far a job is: a moving bar on a terminal, a line for each change elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from backbone.progress_display import ProgressDisplay

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import ProgressColumn


class JobProgress(ProgressDisplay):
    """A context in which a job's progress is shown, on the standard error stream by default."""

    def __init__(self, console: Console | None = None, *, quiet: bool = False) -> None:
        """`quiet` shows nothing at all, for programs that read the output."""
        super().__init__(console, quiet=quiet)
        self._first_at: datetime | None = None

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
        line = f"{words} {done}/{total}" if total and status == "running" else words
        self._tell(words, done, total, line, elapsed_seconds)

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

    def _columns(self) -> Sequence[str | ProgressColumn]:
        from rich import progress

        return (
            progress.SpinnerColumn(),
            progress.TextColumn("{task.description}"),
            progress.BarColumn(bar_width=30),
            progress.MofNCompleteColumn(),
            progress.TimeElapsedColumn(),
        )
