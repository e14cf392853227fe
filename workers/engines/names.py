"""The names of throwaway databases: they say when, where and by which process they were made."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import secrets
import socket
from pathlib import Path
from typing import Final

from common import clock

PREFIX: Final = "bb_check_"
"""What every name begins with; what has another name is never touched."""
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_FORM: Final = re.compile(
    PREFIX
    + r"(?P<made>[0-9a-z]{6,7})_(?P<machine>[0-9a-f]{5})_(?P<process>[0-9a-z]{1,5})_[0-9a-z]{4}"
)
_OLDEST_SECONDS: Final = 86_400 + 3_600
"""Longer than any verification takes: older ones are left over, whoever made them."""


def new_name() -> str:
    """A name that nothing else has: of at most 32 characters, which MySQL wants of a user."""
    made, process = _in_letters(int(clock.now().timestamp())), _in_letters(os.getpid())
    chance = "".join(secrets.choice(_DIGITS) for _ in range(4))
    return f"{PREFIX}{made}_{_machine()}_{process}_{chance}"


def is_left_over(name: str) -> bool:
    """Whether a name is one of ours whose process is no more."""
    found = _FORM.fullmatch(name)
    if found is None:
        return False
    age = clock.now().timestamp() - int(found["made"], 36)
    if age > _OLDEST_SECONDS:
        return True
    return found["machine"] == _machine() and not _runs(int(found["process"], 36))


def _in_letters(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text or "0"


@functools.cache
def _machine() -> str:
    """What tells process numbers of one machine (and container) from those of another."""
    parts = [socket.gethostname()]
    for path in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        place = Path(path)
        parts.append(str(place.readlink()) if place.is_symlink() else place.read_text())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:5]


def _runs(process: int) -> bool:
    return Path(f"/proc/{process}").exists()
