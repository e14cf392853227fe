"""Identifiers: a prefix that says what it names, then 26 characters that sort by time."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import Final

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case
_JOB_ID: Final = re.compile(r"job_[0-9a-hjkmnp-tv-z]{26}\Z")


def new_id(prefix: str, at: datetime) -> str:
    """A fresh identifier such as `job_01j9…`: 48 bits of milliseconds, 80 random bits (as a ULID)."""
    number = (int(at.timestamp() * 1000) << 80) | secrets.randbits(80)
    digits = []
    for _ in range(26):
        digits.append(_ALPHABET[number & 31])
        number >>= 5
    return f"{prefix}_{''.join(reversed(digits))}"


def is_job_id(text: str) -> bool:
    """Whether `text` has the form of a job's id (which does not mean that the job exists)."""
    return _JOB_ID.match(text) is not None
