"""Columns that seem to hold what nobody should read: passwords, tokens, keys and their hashes."""

from __future__ import annotations

import itertools
import re
from typing import Final

from common.document.draft import Draft, DraftColumn
from common.document.pointers import shorten

_TYPES: Final = frozenset({"String", "Text", "LargeBinary"})
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ANYWHERE: Final = frozenset(
    {"passphrase", "passwd", "password", "passwords", "pwd", "secret", "secrets"}
)
_AT_THE_END: Final = frozenset({"apikey", "hash", "salt", "token", "tokens"})
_PAIRS: Final = frozenset(
    {("access", "key"), ("api", "key"), ("private", "key"), ("encryption", "key")}
)


def check_secrecy(draft: Draft, column: DraftColumn) -> None:
    """Warn of a column that every caller will read, and whose name says that none should."""
    source = column.source
    if source is not None and source.type in _TYPES and _seems_secret(column.name):
        draft.findings.warn(
            column.pointer,
            "secret_column",
            f"{shorten(column.name)!r} seems to hold a secret; everybody who may read the table"
            " can read it, and filter and sort by it.",
        )


def _seems_secret(name: str) -> bool:
    words = [word.lower() for word in _WORDS.findall(name)]
    return (
        not _ANYWHERE.isdisjoint(words)
        or (bool(words) and words[-1] in _AT_THE_END)
        or not _PAIRS.isdisjoint(itertools.pairwise(words))
    )
