"""The form of every task's outcome."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def passed(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever JSON can hold
    """Nothing went wrong; `more` are the task's own members."""
    return {"passed": True, "reason": None, "output": "", "details": [], **more}


def failed(
    reason: str,
    *,
    output: str = "",
    details: Sequence[str] = (),
    **more: Any,  # noqa: ANN401 - whatever JSON can hold
) -> dict[str, Any]:
    """What went wrong, in one line, with what was printed about it and the single findings."""
    return {
        "passed": False,
        "reason": reason,
        "output": output[:100_000],
        "details": [detail[:2_000] for detail in details[:200]],
        **more,
    }


def in_one_line(error: BaseException) -> str:
    """What was raised."""
    return f"{type(error).__name__}: {error}".split("\n", 1)[0]


def traced(error: BaseException, project: Path) -> str:
    """The traceback from where it enters the project on, causes included."""
    told = traceback.TracebackException.from_exception(error)
    link: traceback.TracebackException | None = told
    while link is not None:
        frames = [*link.stack]
        own = (place for place, frame in enumerate(frames) if _lies_in(frame, project))
        link.stack = traceback.StackSummary.from_list(frames[next(own, 0) :])
        link = link.__cause__ or link.__context__
    return "".join(told.format())


def _lies_in(frame: traceback.FrameSummary, folder: Path) -> bool:
    return Path(frame.filename).is_relative_to(folder)
