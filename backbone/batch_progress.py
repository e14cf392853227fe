"""Shows how far a batch is: a moving bar on a terminal, a line for each change elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from backbone.progress_display import ProgressDisplay

if TYPE_CHECKING:
    from rich.progress import ProgressColumn

_TOLD: Final = ("succeeded", "failed", "cancelled", "running", "deferred", "queued")
_ENDED: Final = ("succeeded", "failed", "cancelled")


def counts_in_words(batch: dict[str, Any]) -> str:
    """Such as `3 succeeded, 1 failed, 6 queued, 2 refused`; what there is none of is left out."""
    counts = batch["counts"] | {"refused": batch["refused_count"]}
    return ", ".join(f"{counts[name]} {name}" for name in (*_TOLD, "refused") if counts[name])


class BatchProgress(ProgressDisplay):
    """A context in which a batch's progress is shown, on the standard error stream by default."""

    def show(self, batch: dict[str, Any]) -> None:
        """The batch is like this now."""
        counts = batch["counts"]
        done, total = sum(counts[name] for name in _ENDED), counts["total"]
        status = str(batch["status"])
        if batch.get("held_reason"):
            status += f" ({batch['held_reason']})"
        words = counts_in_words(batch)
        self._tell(f"{status}: {words}", done, total, f"{status} {done}/{total}  {words}")

    def _columns(self) -> Sequence[str | ProgressColumn]:
        from rich import progress

        return (
            progress.BarColumn(bar_width=30),
            progress.MofNCompleteColumn(),
            progress.TextColumn("{task.description}"),
            progress.TimeElapsedColumn(),
            progress.TextColumn("left"),
            progress.TimeRemainingColumn(),
        )
