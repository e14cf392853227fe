"""How long the stages of a job will take, told from what they took in jobs of late.

A job of one table and one of fifty differ tenfold, one that is proven and one that is not even more
so: where the jobs of late had different numbers of tables, each stage gets the straight line that
fits them best (least squares); verification is told from jobs of the same level alone, if there are
any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, linear_regression
from typing import Final

from common.jobs.job import Stage

_ORDER: Final = tuple(Stage)


@dataclass(frozen=True, slots=True)
class Sample:
    """A job of late: its size, and how long each of its stages took."""

    table_count: int | None
    verify_level: str | None
    stage_seconds: Mapping[Stage, float]


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Estimates from `samples`; the same question is worked out once."""

    samples: Sequence[Sample]
    _known: dict[tuple[int | None, str | None], dict[Stage, float]] = field(default_factory=dict)

    def expected(self, table_count: int | None, verify_level: str | None) -> dict[Stage, float]:
        """Seconds of each stage, in their order, for a job of this size; empty while unknown."""
        size = (table_count, verify_level)
        if size not in self._known:
            self._known[size] = dict(self._work_out(table_count, verify_level))
        return self._known[size]

    def _work_out(self, tables: int | None, level: str | None) -> list[tuple[Stage, float]]:
        found = []
        for stage in _ORDER:
            took = [each for each in self.samples if stage in each.stage_seconds]
            if stage is Stage.VERIFY:
                took = [each for each in took if each.verify_level == level] or took
            if took:
                found.append((stage, _estimate(stage, took, tables)))
        return found


def _estimate(stage: Stage, took: Sequence[Sample], tables: int | None) -> float:
    mean = fmean(each.stage_seconds[stage] for each in took)
    counted = [each for each in took if each.table_count is not None]
    sizes = [float(each.table_count or 0) for each in counted]
    if tables is None or len(set(sizes)) < 2:  # noqa: PLR2004 - a line needs two points
        return mean
    slope, start = linear_regression(sizes, [each.stage_seconds[stage] for each in counted])
    if slope < 0:  # chance: larger documents do not take less
        return mean
    # Never less than the quickest so far, for a line that starts below nothing
    return max(start + slope * tables, min(each.stage_seconds[stage] for each in took))
