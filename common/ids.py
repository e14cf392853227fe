"""Identifiers: a prefix that says what it names, then 26 characters that sort by time."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case
_JOB_ID: Final = re.compile(r"job_[0-9a-hjkmnp-tv-z]{26}\Z")
_BATCH_ID: Final = re.compile(r"batch_[0-9a-hjkmnp-tv-z]{26}\Z")
_CALLER_ID: Final = re.compile(r"caller_[0-9a-hjkmnp-tv-z]{26}\Z")
_KEY_ID: Final = re.compile(r"key_[0-9a-hjkmnp-tv-z]{26}\Z")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_RANDOM_BITS: Final = 80
_LAST_MILLISECOND: Final = (1 << 48) - 1


def new_id(prefix: str, at: datetime) -> str:
    """A fresh identifier such as `job_01j9…`: 48 bits of time (ms), 80 random ones, as a ULID."""
    milliseconds = (at - _EPOCH) // _MILLISECOND
    return _spell(prefix, (milliseconds << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS))


def whole_milliseconds(at: datetime) -> datetime:
    """The moment as exactly as an identifier tells it."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def first_id(prefix: str, at: datetime, *, after: bool = False) -> str:
    """The lowest identifier that can be made at `at` (at whole milliseconds, rounded up).

    With `after` the lowest one that can only be made later than `at`. Sorting by identifier is
    sorting by time, so a range of times is a range of identifiers.
    """
    milliseconds, rest = divmod(at - _EPOCH, _MILLISECOND)
    if rest or after:
        milliseconds += 1
    return _spell(prefix, min(max(milliseconds, 0), _LAST_MILLISECOND) << _RANDOM_BITS)


def is_job_id(text: str) -> bool:
    """Whether `text` has the form of a job's id (which does not mean that the job exists)."""
    return _JOB_ID.match(text) is not None


def is_batch_id(text: str) -> bool:
    """Whether `text` has the form of a batch's id."""
    return _BATCH_ID.match(text) is not None


def is_caller_id(text: str) -> bool:
    """Whether `text` has the form of a caller's id."""
    return _CALLER_ID.match(text) is not None


def is_key_id(text: str) -> bool:
    """Whether `text` has the form of a key's id."""
    return _KEY_ID.match(text) is not None


def _spell(prefix: str, number: int) -> str:
    digits = []
    for _ in range(26):
        digits.append(_ALPHABET[number & 31])
        number >>= 5
    return f"{prefix}_{''.join(reversed(digits))}"
