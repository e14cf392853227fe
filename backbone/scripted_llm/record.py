"""What was asked of a script, in a file that outlives the server: one line for each happening."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from common import clock

UNSCRIPTED: Final = -1
REFUSED: Final = -2


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as it came."""

    number: int
    """Counts the calls of the script from 0"""
    step: int
    """Number of the step that it got; UNSCRIPTED, or REFUSED where it broke the wire's rules"""
    billed: bool
    wire: str
    model: str
    streamed: bool
    at: str
    """RFC 3339"""
    header_names: tuple[str, ...]
    body: dict[str, Any]
    """Without headers: no key of anybody is written down, unless it stands where it must not"""


@dataclass(slots=True)
class Record:
    """The calls of one script; read again from `path` at the start."""

    path: Path
    calls: list[Call] = field(default_factory=list)
    answered: set[int] = field(default_factory=set)
    """Numbers of the calls whose answer was said to its end"""

    def add(self, call: Call) -> None:
        """Write a call down, before anything of its answer is said."""
        self.calls.append(call)
        self._write(asdict(call))

    def finish(self, number: int) -> None:
        """Write down that the whole answer was taken."""
        self.answered.add(number)
        self._write({"answered": number})

    @property
    def used(self) -> Counter[int]:
        """How often each step has been used."""
        return Counter(call.step for call in self.calls)

    @property
    def billed(self) -> int:
        """How many calls a provider would ask money for."""
        return sum(call.billed for call in self.calls)

    def _write(self, line: dict[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def read_record(path: Path) -> Record:
    """What is written in `path`; nothing yet where there is no such file."""
    record = Record(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return record
    for line in text.splitlines(keepends=True):
        if not line.endswith("\n"):
            break  # being written at this moment
        found = json.loads(line)
        if "answered" in found:
            record.answered.add(found["answered"])
        else:
            found["header_names"] = tuple(found["header_names"])
            record.calls.append(Call(**found))
    return record


def present() -> str:
    """The present moment as it is written down."""
    return clock.now().isoformat()
