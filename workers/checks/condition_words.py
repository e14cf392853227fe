"""Conditions of check constraints as words, so that two spellings of one can be compared."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^']|'')*')
      | "(?P<double>(?:[^"]|"")*)" | `(?P<back>[^`]*)` | \[(?P<square>[^\]]*)\]
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<name>\w+)
      | (?P<operator><>|!=|<=|>=|==|.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_SAME: Final = {"!=": "<>", "==": "=", "true": "1", "false": "0"}
_QUOTES: Final = ("double", "back", "square")


def condition_words(text: str) -> tuple[str, ...]:
    """The words of a condition without quotes around names, in one case, without parentheses.

    Parentheses only matter where `and` meets `or`; there the words alone can't tell, which is why
    the tests of a project try its conditions on rows.
    """
    words = []
    position = 0
    text = text.strip()
    while position < len(text):
        match = _WORD.match(text, position)
        if match is None:
            break
        position = match.end()
        quoted = next((match[kind] for kind in _QUOTES if match[kind] is not None), None)
        if quoted is not None:
            words.append(quoted.lower())
        elif match["text"] is not None:
            words.append(match["text"])
        elif match[0].strip() not in ("(", ")"):
            word = match[0].strip().lower()
            words.append(_SAME.get(word, word))
    return tuple(words)
