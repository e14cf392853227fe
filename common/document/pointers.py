"""Places in a document: RFC 6901 pointers, and how to speak of what stands there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_SHORT = 80
_LONGEST_NAME = 1000
_MUCH = 20_000
"""Characters of the name times those of all known ones: some milliseconds, at worst."""
_MOST_COMPARED = 60


def pointer_to(path: Iterable[str | int]) -> str:
    """The RFC 6901 pointer along `path`; the empty path is the whole document (`""`).

    A name of more than `_LONGEST_NAME` characters is cut: no answer echoes a large input.
    """
    return "".join(f"/{part}" if isinstance(part, int) else f"/{_escaped(part)}" for part in path)


def _escaped(name: str) -> str:
    return shorten(name, _LONGEST_NAME).replace("~", "~0").replace("/", "~1")


def shorten(text: str, limit: int = _SHORT) -> str:
    """At most `limit` characters of `text`, so that no message echoes a large input."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def nearest(name: str, known: Iterable[str]) -> str:
    """` Did you mean 'x'?` for the known name most like `name`, or nothing.

    Among many known names, or long ones, only those of about the same length that begin alike are
    compared, and few of these: each takes a while.
    """
    if len(name) > _SHORT:
        return ""
    wanted = name.lower()
    lowered = {candidate.lower(): candidate for candidate in sorted(known)}
    if len(wanted) * sum(map(len, lowered)) > _MUCH:
        alike = [one for one in lowered if one[:1] == wanted[:1] and len(one) <= _SHORT]
        alike.sort(key=lambda one: (one[:3] != wanted[:3], abs(len(one) - len(wanted)), one))
        few = min(_MOST_COMPARED, _MUCH // len(wanted) ** 2)
        lowered = {one: lowered[one] for one in alike[:few]}
    found = difflib.get_close_matches(wanted, lowered, n=1, cutoff=0.6)
    return f" Did you mean {lowered[found[0]]!r}?" if found else ""


def kind_of(value: object) -> str:
    """What a value is called in JSON, with its article."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    kinds: dict[type, str] = {str: "a string", list: "an array", dict: "an object"}
    return kinds.get(type(value), "a number")
