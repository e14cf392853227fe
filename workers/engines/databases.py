"""The throwaway databases of one verification."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Self

from workers.engines.engines import Engines, Throwaway


class Databases:
    """Makes a database when a step first asks for it; drops them all at the end."""

    def __init__(self, engines: Engines, db_type: str, outside: Path, inside: str) -> None:
        """Take where gates are made, and where those who use them see it."""
        self._engines = engines
        self._db_type = db_type
        self._places = (outside, inside)
        self._stack = contextlib.ExitStack()
        self._made: dict[str, list[Throwaway]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def urls(self, purpose: str, count: int) -> list[str]:
        """So many databases, the same for the same purpose; TransientError as `throwaway`."""
        made = self._made.setdefault(purpose, [])
        while len(made) < count:
            opened = self._engines.throwaway(self._db_type, *self._places)
            made.append(self._stack.enter_context(opened))
        return [each.url for each in made]

    def used(self, purpose: str) -> bool:
        """Whether anybody logged in to one of them."""
        return any(each.sessions() for each in self._made.get(purpose, ()))
