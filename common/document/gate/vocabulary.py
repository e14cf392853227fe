"""What the tables of a document add to what bodies may name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from common.document.gate.words import Words, model_word

_RESERVED: Final = frozenset({"metadata", "registry"})
"""What a column of that name is never called on its model."""


def words_of(
    classes: Iterable[str],
    enums: Iterable[tuple[str, str]],
    links: Iterable[str],
    attributes: Iterable[str],
) -> Words:
    """The words of a document.

    `enums` are the class and the column of each Enum, `links` the tables that nobody declared,
    `attributes` its columns and relationships.
    """
    models = {model_word(name) for name in classes} | set(links)
    for class_name, column in enums:
        made = class_name + "".join(word[0].upper() + word[1:] for word in _parts(column))
        models |= {made, f"{made}Enum"}
    names = set(attributes) - _RESERVED
    return Words(frozenset(models), frozenset(names | {f"{name.strip('_')}_" for name in names}))


def _parts(name: str) -> list[str]:
    return [word for word in re.split(r"[^0-9A-Za-z]+", name) if word] or ["Value"]
