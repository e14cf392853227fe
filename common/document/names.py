"""Names: which ones are legal in a document, and which ones are found where none was given."""

from __future__ import annotations

import hashlib
import keyword
import re
from collections.abc import Callable, Collection, Iterable

from common.document.pointers import shorten

MAX_NAME_BYTES = 63
"""PostgreSQL cuts longer names in silence; MySQL and SQL Server allow a few more."""

TABLE_NAME = re.compile(r"_*[a-z][a-z0-9_]*")
COLUMN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
CLASS_NAME = re.compile(r"[A-Z][A-Za-z0-9_]*")
ATTRIBUTE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
PROJECT_NAME = re.compile(r"[_-]*[A-Za-z0-9][A-Za-z0-9_-]*")

MAX_PROJECT_NAME = 100
MAX_CLASS_NAME = 100
MAX_ATTRIBUTE_NAME = 200

RESERVED_TABLES = {"alembic_version"}
RESERVED_TABLE_PREFIX = "sqlite_"
RESERVED_ATTRIBUTES = {"metadata", "registry", "model_config"}
"""What SQLAlchemy's declarative classes and Pydantic's models keep for themselves."""

_IRREGULAR = {
    "addresses": "address",
    "aliases": "alias",
    "analyses": "analysis",
    "buses": "bus",
    "bonuses": "bonus",
    "campuses": "campus",
    "children": "child",
    "cookies": "cookie",
    "crises": "crisis",
    "criteria": "criterion",
    "echoes": "echo",
    "heroes": "hero",
    "indices": "index",
    "matrices": "matrix",
    "men": "man",
    "mice": "mouse",
    "movies": "movie",
    "people": "person",
    "statuses": "status",
    "viruses": "virus",
    "women": "woman",
}
_UNCHANGED = ("ss", "us", "is")
"""Ends of words that are not many, though they end in `s`."""
_UNCOUNTED = (
    *("data", "equipment", "feedback", "hardware", "information", "media", "metadata", "money"),
    *("news", "personnel", "series", "software", "species", "staff"),
)


def is_keyword(name: str) -> bool:
    """Whether Python keeps `name` for itself (soft keywords are free)."""
    return keyword.iskeyword(name)


def table_fault(name: str) -> tuple[str, str] | None:
    """Why `name` can't be a table's, as code and message; None if it can."""
    if not TABLE_NAME.fullmatch(name):
        return (
            "invalid_name",
            f"{shorten(name)!r} must be lower snake case: a to z, digits and `_`, no digit first.",
        )
    if len(name) > MAX_NAME_BYTES:
        return (
            "name_too_long",
            f"A table's name has at most {MAX_NAME_BYTES} bytes, not {len(name)}.",
        )
    if name in RESERVED_TABLES or name.startswith(RESERVED_TABLE_PREFIX):
        return (
            "reserved_name",
            f"{name!r} is a table that the tools underneath keep for themselves.",
        )
    return None


def class_fault(name: str) -> tuple[str, str] | None:
    """Why `name` can't be a class's, as code and message; None if it can."""
    if is_keyword(name):
        return "keyword", f"{name!r} is a keyword of Python."
    if not CLASS_NAME.fullmatch(name):
        return (
            "invalid_name",
            f"{shorten(name)!r} must be Pascal case: a capital, then letters, digits and `_`.",
        )
    if len(name) > MAX_CLASS_NAME:
        return "name_too_long", f"A class's name has at most {MAX_CLASS_NAME} characters."
    return None


def attribute_fault(name: str) -> tuple[str, str] | None:
    """Why `name` can't be an attribute, as code and message; None if it can."""
    if not ATTRIBUTE_NAME.fullmatch(name) or len(name) > MAX_ATTRIBUTE_NAME:
        message = (
            f"{shorten(name)!r} must be an ASCII letter, then at most {MAX_ATTRIBUTE_NAME - 1}"
            " letters, digits and `_`."
        )
        return "invalid_name", message
    if is_keyword(name):
        return "keyword", f"{name!r} is a keyword of Python."
    if name in RESERVED_ATTRIBUTES:
        return "reserved_name", f"{name!r} is kept by SQLAlchemy or Pydantic for itself."
    return None


def singular(name: str) -> str:
    """One of what `name` counts, judged by its last word: `order_lines` -> `order_line`."""
    head, underscore, word = name.rpartition("_")
    if word in _IRREGULAR:
        word = _IRREGULAR[word]
    elif word.endswith(_UNCHANGED + _UNCOUNTED) or not word.endswith("s") or len(word) <= 2:  # noqa: PLR2004 - "is", "as"
        pass
    elif word.endswith("ies") and len(word) > 4:  # noqa: PLR2004 - not "ties", "pies"
        word = word[:-3] + "y"
    elif word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        word = word[:-2]
    else:
        word = word[:-1]
    return head + underscore + word


def plural(name: str) -> str:
    """Many of what `name` is one of, judged by its last word: `order_line` -> `order_lines`."""
    head, underscore, word = name.rpartition("_")
    irregular = next((many for many, one in _IRREGULAR.items() if one == word), None)
    says_many = singular(word) != word or word in _UNCOUNTED
    if says_many or not word.isalpha() or len(word) <= 2:  # noqa: PLR2004 - "is", "as"
        pass
    elif irregular is not None:
        word = irregular
    elif re.search(r"[^aeiou]y\Z", word):
        word = word[:-1] + "ies"
    elif word.endswith("is"):
        word = word[:-2] + "es"
    elif word.endswith(("s", "x", "z", "ch", "sh")):
        word += "es"
    else:
        word += "s"
    return head + underscore + word


def identifier(name: str) -> str:
    """`name` as far as it can stand at the beginning of an attribute's; `row` if none of it can."""
    return re.sub(r"\A[^a-zA-Z]+|[^a-zA-Z0-9_]", "", name)[:MAX_NAME_BYTES] or "row"


def without_suffix(name: str, suffixes: Iterable[str]) -> str | None:
    """`name` without the first of `_suffix` that it ends in; None if it ends in none of them."""
    lowered = name.lower()
    for suffix in suffixes:
        ending = "_" + suffix.lower()
        if lowered.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return None


def free_name(
    candidates: Iterable[str],
    is_free: Callable[[str], bool],
    numbers: dict[str, int] | None = None,
) -> str:
    """The first candidate that is free, else the first one with `_2`, `_3`, … behind it.

    With a number behind it, the first candidate must be free at some time. `numbers` remembers
    where to go on for the next of thousands: whoever hands it in frees no name again.
    """
    first = ""
    for candidate in candidates:
        if is_free(candidate):
            return candidate
        first = first or candidate
    number = 2 if numbers is None else numbers.get(first, 2)
    while not is_free(f"{first}_{number}"):
        number += 1
    if numbers is not None:
        numbers[first] = number
    return f"{first}_{number}"


def fitting(name: str, limit: int = MAX_NAME_BYTES) -> str:
    """`name` if it fits into `limit` bytes, else its beginning and eight digits of its hash."""
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: limit - 9].rstrip('_')}_{digest}"


def same_but_for_case(name: str, others: Collection[str]) -> str | None:
    """The one of `others` that a database without regard for case would take for `name`."""
    lowered = name.lower()
    return next((other for other in others if other != name and other.lower() == lowered), None)
