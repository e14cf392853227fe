"""The form of every task's outcome."""

from __future__ import annotations

from collections.abc import Sequence
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
