"""A fault: one way in which a generated project can be wrong, made on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Files = Mapping[str, str]
"""A project: text by path."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What a fault changed: the new texts by path, and where, in words."""

    files: Files
    place: str


@dataclass(frozen=True, slots=True)
class Fault:
    """`seed` breaks the promise in the first place where that can be done; None: nowhere here."""

    name: str
    seed: Callable[[Files], Edit | None]

    def applied(self, files: Files) -> Edit | None:
        """What it makes of a project.

        An edit that changes nothing, or that adds a file, is a mistake of the fault.
        """
        edit = self.seed(files)
        if edit is None:
            return None
        if not edit.files.keys() <= files.keys():
            raise AssertionError(f"{self.name} adds files, which nothing would take away again")
        if all(files[path] == text for path, text in edit.files.items()):
            raise AssertionError(f"{self.name} changes nothing of {edit.place}")
        return edit
