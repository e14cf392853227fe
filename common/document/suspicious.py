"""Words that never stand in an honest data model, as the security rules list them."""

from __future__ import annotations

import re

# Each alternative begins at a boundary of words and repeats one kind of character at most, so
# that a search takes time linear to the text. `drop tables` is MySQL's other spelling.
_PATTERNS = {
    "drop table": r"\bdrop\s+tables?\b",
    "delete from": r"\bdelete\s+from\b",
    "<script>": r"<\s*script\s*(?:>|\s[a-z]+\s*=)",
    "javascript:": r"\bjavascript\s*:",
    "eval(": r"\beval\s*\(",
    "exec(": r"\bexec\s*\(",
}
_NAMES = dict(enumerate(_PATTERNS, start=1))
_ANY = re.compile("|".join(f"({pattern})" for pattern in _PATTERNS.values()), re.IGNORECASE)


def find_suspicious(text: str) -> str | None:
    """The first suspicious pattern in `text`, as the rules call it, or None."""
    found = _ANY.search(text)
    return _NAMES[found.lastindex or 1] if found is not None else None
