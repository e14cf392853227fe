"""Words that never stand in an honest data model, as the security rules list them."""

from __future__ import annotations

import re

# What each pattern is called, a word that it can't be without, and how it is written. Every
# expression begins with a plain letter and repeats one kind of character at a time, so that
# searching takes time linear to the text. `drop tables` is MySQL's other spelling.
_PATTERNS = tuple(
    (name, word, re.compile(expression))
    for name, word, expression in (
        ("drop table", "drop", r"drop\s+tables?\b"),
        ("delete from", "delete", r"delete\s+from\b"),
        ("<script>", "script", r"<\s*script\b"),
        ("javascript:", "javascript", r"javascript\s*:"),
        ("eval(", "eval", r"eval\s*\("),
        ("exec(", "exec", r"exec\s*\("),
    )
)


def find_suspicious(text: str) -> str | None:
    """The first suspicious pattern in `text`, as the rules call it, or None.

    In any case and with any white space between the words, but only where a word begins:
    `retrieval(` and `backdrop tables` are innocent.
    """
    folded = text.casefold()
    found: list[tuple[int, str]] = []
    for name, word, expression in _PATTERNS:
        if word not in folded:
            continue
        for match in expression.finditer(folded):
            start = match.start()
            if folded[start] == "<" or not _is_inside_word(folded, start):
                found.append((start, name))
                break
    return min(found)[1] if found else None


def _is_inside_word(text: str, position: int) -> bool:
    before = text[position - 1 : position]
    return before.isalnum() or before == "_"
