"""The lock of a project: the locks of its parts, joined.

They agree on versions, because all parts were resolved together first (`make lock`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

LOCKS: Final = Path(__file__).resolve().parents[1] / "templates" / "locks"
_ENTRY: Final = re.compile(r"^(?=[a-z0-9])", re.MULTILINE)
_HEAD: Final = re.compile(r"(?P<pin>\S+)(?: ; (?P<marker>.+?))?(?= \\\n)")


def joined_lock(parts: Iterable[str]) -> str:
    """What pip installs for these parts: each package once, in order, with its hashes."""
    entries: dict[str, str] = {}
    for part in parts:
        for name, entry in _entries(part).items():
            entries[name] = _either(entries.get(name, entry), entry)
    return "".join(entry for _, entry in sorted(entries.items()))


@cache
def _entries(part: str) -> dict[str, str]:
    """By the name of each package: its lines in the lock of `part`."""
    text = (LOCKS / f"{part}.txt").read_text(encoding="utf-8")
    return {entry.partition("==")[0]: entry for entry in _ENTRY.split(text) if entry}


def _either(one: str, other: str) -> str:
    """An entry that applies wherever one of the two does."""
    if one == other:
        return one
    first, second = _HEAD.match(one), _HEAD.match(other)
    assert first is not None  # noqa: S101  (`make lock` wrote them)
    assert second is not None  # noqa: S101
    markers = (first["marker"], second["marker"])
    condition = f" ; ({markers[0]}) or ({markers[1]})" if all(markers) else ""
    return first["pin"] + condition + one[first.end() :]
