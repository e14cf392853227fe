"""Where the checks of one document write down what they find."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from common.document.pointers import nearest
from common.errors import Fault

MAX_FAULTS = 500
_MAX_SUGGESTIONS = 50
"""Looking for a name that is like another takes milliseconds."""
_INDEX_DIGITS = 10


class Findings:
    """Faults and warnings of one document; they come out sorted by their places.

    Beyond `MAX_FAULTS` of each only their number is kept: nobody reads more, and a hostile
    document must not make a large answer. Pointers given here lead into the document without null
    bytes; those that come out lead into the document as it was sent.
    """

    def __init__(self) -> None:
        self._faults: dict[tuple[str, str, str], Fault] = {}
        self._warnings: dict[tuple[str, str, str], Fault] = {}
        self._more_faults = 0
        self._more_warnings = 0
        self.renamed: dict[str, str] = {}
        """What the last part of a pointer was called before null bytes were taken from it."""

    def fault(
        self,
        pointer: str,
        code: str,
        message: str,
        *,
        detail: str = "",
        like: tuple[str, Iterable[str]] | None = None,
    ) -> None:
        """Note that the document is wrong at `pointer`.

        The same code at the same place counts once, unless `detail` tells the two apart. `like` is
        an unknown name and the known ones, of which the nearest is suggested.
        """
        finding = (pointer, code, detail)
        if finding in self._faults:
            return
        if len(self._faults) >= MAX_FAULTS:
            self._more_faults += 1
            return
        if like is not None and len(self._faults) < _MAX_SUGGESTIONS:
            message += nearest(*like)
        self._faults[finding] = Fault(pointer, code, message)

    def warn(
        self,
        pointer: str,
        code: str,
        message: str,
        *,
        like: tuple[str, Iterable[str]] | None = None,
    ) -> None:
        """Note that the document is odd at `pointer`, but can be built; `like` as for a fault."""
        finding = (pointer, code, "")
        if finding in self._warnings:
            return
        if len(self._warnings) >= MAX_FAULTS:
            self._more_warnings += 1
            return
        if like is not None and len(self._warnings) < _MAX_SUGGESTIONS:
            message += nearest(*like)
        self._warnings[finding] = Fault(pointer, code, message)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults, and one more that says how many were left out, if any were."""
        return self._sent(self._faults.values(), "faults", self._more_faults)

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """All warnings, and one more that says how many were left out, if any were."""
        return self._sent(self._warnings.values(), "warnings", self._more_warnings)

    def sent(self, pointer: str) -> str:
        """`pointer` as it leads into the document as it was sent."""
        if not self.renamed:
            return pointer
        clean = sent = ""
        for part in pointer.split("/")[1:]:
            clean += f"/{part}"
            sent += f"/{self.renamed.get(clean, part)}"
        return sent

    def _sent(self, found: Iterable[Fault], noun: str, omitted: int) -> tuple[Fault, ...]:
        sorted_found = sorted(found, key=lambda one: _place(one.pointer))
        placed = tuple(replace(one, pointer=self.sent(one.pointer)) for one in sorted_found)
        if not omitted:
            return placed
        return (*placed, Fault("", f"more_{noun}", f"{omitted} further {noun} are not listed."))

    def __bool__(self) -> bool:
        return bool(self._faults)


def _place(pointer: str) -> list[tuple[int, str]]:
    """What sorts `/schema/2` before `/schema/10`, and both behind `/schema`."""
    return [
        (int(part), "") if part.isdecimal() and len(part) < _INDEX_DIGITS else (-1, part)
        for part in pointer.split("/")
    ]
