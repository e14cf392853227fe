"""Cursors: where a page ended, in a form that callers hand back and don't look into."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from common.errors import RequestError


def make_cursor(place: str) -> str:
    """The cursor for a place (ASCII)."""
    return base64.urlsafe_b64encode(place.encode("ascii")).decode("ascii").rstrip("=")


def read_cursor(cursor: str, is_place: Callable[[str], bool]) -> str:
    """The place that a cursor stands for; RequestError 400 `invalid_cursor` if it is none."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        place = ""
    if not is_place(place):
        raise RequestError(400, "invalid_cursor", "The cursor is not one that was given out.")
    return place
