"""What the sandbox prints, made fit to be shown: short, and without places on this machine."""

from __future__ import annotations

import re
import sys
import sysconfig
from typing import Final

from workers.sandbox.isolation import INSIDE

MOST_CHARACTERS: Final = 20_000
_MOST_LINES: Final = 200

_COLOURS: Final = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_ENDS_PATH: Final = r"\s\"'`:;,=|()<>\[\]{}"
# From where a path begins, and from nowhere within: what a program prints may be all slashes.
_SANDBOX: Final = rf"(?<![^{_ENDS_PATH}])/[^{_ENDS_PATH}]*/sandbox-[a-z0-9_]+"
_JOB: Final = rf"(?:/job|{_SANDBOX})/[0-9]+"
_PLACES: Final = (
    (re.compile(_JOB + "/project/"), ""),
    (re.compile(_JOB + "/project"), "."),
    (re.compile(_JOB), ""),
    (re.compile(re.escape(sysconfig.get_path("purelib")) + "/"), ""),
    (re.compile(re.escape(sysconfig.get_path("stdlib")) + "/"), ""),
    (re.compile(re.escape(sys.prefix) + "/"), ""),
    (re.compile(re.escape(sys.base_prefix) + "/"), ""),
    (re.compile(r"(?:/sandbox/inside|" + re.escape(str(INSIDE)) + ")/"), ""),
)


def shown(text: str) -> str:
    """The first lines, with paths of the project relative to it."""
    text = _UNPRINTABLE.sub("", _COLOURS.sub("", text[: 8 * MOST_CHARACTERS]))
    for place, instead in _PLACES:
        text = place.sub(instead, text)
    lines = text.strip("\n").splitlines()
    if len(lines) > _MOST_LINES:
        lines = [*lines[:_MOST_LINES], f"… {len(lines) - _MOST_LINES} more lines"]
    return "\n".join(lines)[:MOST_CHARACTERS]


def shown_line(text: str) -> str:
    """One line of it."""
    lines = shown(text).splitlines()
    return lines[0][:500] if lines else ""
