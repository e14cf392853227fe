"""JSON as RFC 8259 has it and as every parser reads it the same way: nothing is guessed.

The standard library's parser takes NaN, keeps the last of two members of one name, passes lone
surrogates on and raises RecursionError on deep nesting. All of that is refused here, with a
pointer to the place where the parser can know it, in time linear to the size of the text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from itertools import islice

from common.document.pointers import pointer_to, shorten
from common.errors import Fault, RequestError

MAX_DEPTH = 100
MAX_VALUES = 500_000
"""Members and items of one text. As many tables, columns and relationships as are allowed, with all
their members, are about a hundred thousand; the others are for lists of values and for examples."""
MAX_PLACES = 100
"""Faults that a refusal lists at most."""

_STRING = re.compile(rb'"[^"]*+"')
_NOT_BONES = bytes(byte for byte in range(256) if byte not in b'[]{},"')
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class _Unacceptable(float):
    """Stands where a number was that JSON does not have; found again by its type."""

    text: str


class _Repeating(dict[str, object]):
    """Stands where an object had two members of one name."""

    repeated: str


def parse_json(
    body: bytes,
    *,
    max_depth: int = MAX_DEPTH,
    max_values: int = MAX_VALUES,
    noun: str = "body",
) -> object:
    """Return what `body` says: dict, list, str, int, float, bool or None.

    `noun` is what messages call it.

    A byte order mark is tolerated. Raises RequestError (400, `invalid_json`) for anything that is
    not UTF-8 or not JSON, for NaN and infinities (also 1e999), lone surrogates, members that
    occur twice, nesting over `max_depth`, integers of more digits than Python reads (4,300) and
    more than `max_values` values.
    """
    if _has_more_values(body, max_values):
        message = f"The {noun} holds more than {max_values:,} values."
        raise _refusal("too_many_values", message)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"The {noun} is not UTF-8 (byte {error.start} can't be read)."
        raise _refusal("not_utf8", message) from None
    reader = _Reader()
    try:
        parsed: object = json.loads(
            text,
            object_pairs_hook=reader.members,
            parse_constant=reader.constant,
            parse_float=reader.real,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        if noun == "line":
            place = f"column {error.pos + 1}"
        message = f"The {noun} is not JSON: {error.msg} ({place})."
        raise _refusal("invalid_json", message) from None
    except RecursionError:
        raise _too_deep(max_depth, noun) from None
    except ValueError:
        raise _refusal("number_too_long", "A number has more than 4,300 digits.") from None
    if _is_deeper(body, max_depth):
        raise _too_deep(max_depth, noun)
    if reader.found_oddity or _SURROGATE_ESCAPE.search(body):
        faults = tuple(islice(_oddities(parsed, ()), MAX_PLACES))
        if faults:
            raise RequestError(400, "invalid_json", faults[0].message, faults=faults)
    return parsed


class _Reader:
    """Puts stand-ins where the parser meets what JSON does not have, for it knows no places."""

    def __init__(self) -> None:
        self._oddities = 0
        self._last = _Unacceptable(0)

    @property
    def found_oddity(self) -> bool:
        return self._oddities > 0

    def constant(self, name: str) -> _Unacceptable:
        self._oddities += 1
        if self._oddities <= MAX_PLACES:  # those beyond are not listed: one stands for them all
            self._last = _Unacceptable(0)
            self._last.text = name
        return self._last

    def real(self, literal: str) -> float:
        number = float(literal)
        return number if math.isfinite(number) else self.constant(shorten(literal, 20))

    def members(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        plain = dict(pairs)
        if len(plain) == len(pairs):
            return plain
        self._oddities += 1
        if self._oddities > MAX_PLACES:
            return plain
        repeating = _Repeating(plain)
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                repeating.repeated = name
                break
            seen.add(name)
        return repeating


def _has_more_values(body: bytes, most: int) -> bool:
    """Whether there are more commas and openings than `most`; those in strings don't count."""
    if _openings(body) <= most:
        return False
    return _openings(_skeleton(body)) > most


def _openings(text: bytes) -> int:
    return text.count(b",") + text.count(b"[") + text.count(b"{")


def _skeleton(body: bytes) -> bytes:
    """The brackets and commas of a JSON text, without its strings; takes no more than its size."""
    unescaped = body.replace(rb"\\", b"").replace(rb"\"", b"")
    # Neighbouring quotes end one string and begin another (or the other way round): without both,
    # what is in a string still is, and what is not still is not.
    bones = unescaped.translate(_ONE_KIND, _NOT_BONES).replace(b'""', b"")
    return _STRING.sub(b"", bones)


def _is_deeper(body: bytes, max_depth: int) -> bool:
    """Whether the JSON text `body` nests deeper; each round takes the innermost level away."""
    if body.count(b"[") + body.count(b"{") <= max_depth:
        return False
    brackets = _skeleton(body).replace(b",", b"")
    for _ in range(max_depth):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _too_deep(max_depth: int, noun: str) -> RequestError:
    return _refusal(
        "nesting_too_deep",
        f"The {noun} nests deeper than {max_depth} levels of arrays and objects.",
    )


def _refusal(code: str, message: str) -> RequestError:
    return RequestError(400, "invalid_json", message, faults=(Fault("", code, message),))


def _oddities(value: object, path: tuple[str | int, ...]) -> Iterator[Fault]:
    if isinstance(value, _Unacceptable):
        message = f"{value.text} is not a number that JSON has."
        yield Fault(pointer_to(path), "not_a_number", message)
    elif isinstance(value, str):
        if _LONE_SURROGATE.search(value):
            message = "A string holds half of a surrogate pair, which is no character."
            yield Fault(pointer_to(path), "lone_surrogate", message)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _oddities(item, (*path, index))
    elif isinstance(value, dict):
        yield from _odd_members(value, path)


def _odd_members(value: Mapping[str, object], path: tuple[str | int, ...]) -> Iterator[Fault]:
    if isinstance(value, _Repeating) and not _LONE_SURROGATE.search(value.repeated):
        message = f"The member {shorten(value.repeated)!r} occurs twice in one object."
        yield Fault(pointer_to((*path, value.repeated)), "duplicate_member", message)
    for name, item in value.items():
        if _LONE_SURROGATE.search(name):
            message = "The name of a member holds half of a surrogate pair."
            yield Fault(pointer_to(path), "lone_surrogate", message)
        else:
            yield from _oddities(item, (*path, name))
