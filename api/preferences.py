"""What a caller would like (RFC 7240): `Prefer: wait=N`."""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import Request

LONGEST_WAIT_SECONDS: Final = 60

# Preferences are parted by commas; what is quoted may hold one.
_EACH: Final = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_WAIT: Final = re.compile(r"\s*wait\s*(?:[=;]|\Z)", re.IGNORECASE)
_SECONDS: Final = re.compile(r'[^=;]+=\s*("?)([0-9]+)\1\s*(?:;.*)?\Z')


def read_wait(request: Request) -> int | None:
    """How many seconds the caller would like to wait, at most a minute; None for not at all.

    A preference is no demand: what can't be understood is passed over, and of several the first
    one counts.
    """
    for sent in request.headers.getlist("prefer"):
        for preference in _EACH.findall(sent):
            if _WAIT.match(preference):
                seconds = _SECONDS.match(preference)
                return _read(seconds[2]) if seconds else None
    return None


def _read(digits: str) -> int:
    # More than three digits are longer than the longest, and need not be read.
    return min(int(digits.lstrip("0")[:3] or "0"), LONGEST_WAIT_SECONDS)
