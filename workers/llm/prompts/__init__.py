"""Instructions for models: one file for each version, named in what came of it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
_MARK = re.compile(r"[<>&\u2028\u2029]")


@cache
def instructions(name: str) -> str:
    """The text of a prompt, by its name and version: `implement-1`."""
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8")


def enclosed(tag: str, value: object) -> str:
    """A JSON value from outside between `<tag>` and `</tag>`, which it can't hold itself."""
    spelt = json.dumps(value, ensure_ascii=False, indent=1)
    escaped = _MARK.sub(lambda mark: f"\\u{ord(mark[0]):04x}", spelt)
    return f"<{tag}>\n{escaped}\n</{tag}>"


def try_number(number: int) -> str:
    """What a question begins with that was asked before, in vain, `number` times from its start.

    The same words have the same answer, which is kept: only other words are worth a call.
    """
    return f"This is try {number + 1}; what was written before did not do.\n\n" if number else ""
