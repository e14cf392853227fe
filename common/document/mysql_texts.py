"""Texts as MySQL and MariaDB take them where they stand in the definition of a table.

Both compare the values of an ENUM as their usual collations do, which overlook more than case, and
both keep their catalogue in characters of at most three bytes.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_LAST_OF_THREE_BYTES: Final = "\uffff"
_STANDS_FOR_ALL: Final = "\ufffd"
"""What MariaDB's usual collation takes every character of four bytes for."""
_MARKS: Final = frozenset({8, *range(10, 36), *range(200, 241)})
"""Combining classes of what is written on a letter without making it another one."""
_OWN_LETTERS: Final = frozenset("\u0419\u0439\u0622\u0623\u0624\u0625\u0626")
"""Cyrillic and Arabic: like another letter with a mark, but its own to every collation."""
_INVISIBLE: Final = frozenset({"Cc", "Cf"})


def alike(value: str) -> tuple[str, str]:
    """What two values of an ENUM must not agree in, neither in the first nor in the second.

    The first is what MariaDB overlooks, the second what MySQL does. Both were held against what
    servers say of all characters of three bytes.
    """
    narrow = "".join(_STANDS_FOR_ALL if is_wide(one) else one for one in value)
    return _unmarked(narrow), _unmarked("".join(one for one in value if _is_seen(one)))


def is_wide(text: str) -> bool:
    """Whether `text` has a character of four bytes."""
    return any(one > _LAST_OF_THREE_BYTES for one in text)


def _is_seen(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) not in _INVISIBLE


def _unmarked(text: str) -> str:
    return "".join(map(_letters, unicodedata.normalize("NFC", text))).upper().casefold()


def _letters(character: str) -> str:
    if character in _OWN_LETTERS:
        return character
    parts = unicodedata.normalize("NFKD", character)
    return "".join(part for part in parts if unicodedata.combining(part) not in _MARKS)
