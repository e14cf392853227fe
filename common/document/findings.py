"""Where the checks of one document write down what they find."""

from __future__ import annotations

from collections.abc import Iterable

from common.document.pointers import nearest
from common.errors import Fault

MAX_FAULTS = 500
_MAX_SUGGESTIONS = 50
"""Looking for a name that is like another takes milliseconds."""


class Findings:
    """Faults and warnings of one document, in the order in which they were found.

    Beyond `MAX_FAULTS` of each only their number is kept: nobody reads more, and a hostile
    document must not make a large answer.
    """

    def __init__(self) -> None:
        self._faults: dict[tuple[str, str, str], Fault] = {}
        self._warnings: dict[tuple[str, str], Fault] = {}
        self._omitted = 0

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
            self._omitted += 1
            return
        if like is not None and len(self._faults) < _MAX_SUGGESTIONS:
            message += nearest(*like)
        self._faults[finding] = Fault(pointer, code, message)

    def warn(self, pointer: str, code: str, message: str) -> None:
        """Note that the document is odd at `pointer`, but can be built."""
        if len(self._warnings) < MAX_FAULTS:
            self._warnings.setdefault((pointer, code), Fault(pointer, code, message))

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults, and one more that says how many were left out, if any were."""
        found = tuple(self._faults.values())
        if not self._omitted:
            return found
        return (*found, Fault("", "more_faults", f"{self._omitted} further faults are not listed."))

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """All warnings."""
        return tuple(self._warnings.values())

    def __bool__(self) -> bool:
        return bool(self._faults)
