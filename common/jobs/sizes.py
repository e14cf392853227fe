"""What makes a job a long or a short one, as far as that can be seen without reading much of it."""

from __future__ import annotations

from typing import TypedDict

_LEVEL = "full"


class Size(TypedDict):
    """The columns of `jobs` that say so; None where the document does not tell."""

    table_count: int | None
    verify_level: str | None


def size_of(document: object) -> Size:
    """The size of a stored document: two looks, however long it is."""
    if not isinstance(document, dict):
        return {"table_count": None, "verify_level": None}
    tables, run = document.get("schema"), document.get("run")
    level = run.get("verify", _LEVEL) if isinstance(run, dict) else _LEVEL
    return {
        "table_count": len(tables) if isinstance(tables, list) else None,
        "verify_level": level if isinstance(level, str) else None,
    }
