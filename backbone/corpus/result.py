"""What came of one document of a corpus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self


class Came(StrEnum):
    """How it ended."""

    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DocumentResult:
    """One line of the table."""

    document: str
    """Its path below the corpus's folder"""
    outcome: Came
    """Whether what came of it is what was expected"""
    what: str
    """What came of it: `generated`, `refused`, or both in turn"""
    tables: int | None
    """None where the document could not be read that far"""
    seconds: float
    wrong: tuple[str, ...] = ()
    """What is not as it should be, a line each; empty if it passed"""
    compiled_only: bool = False
    """Whether there was no server for its `db_type`"""
    reports: tuple[Mapping[str, Any], ...] = ()
    """The verification reports of what was generated"""

    @property
    def passed(self) -> bool:
        """Whether it came as expected."""
        return self.outcome is Came.PASSED

    def members(self) -> dict[str, Any]:
        """All of it, for JSON."""
        return asdict(self)

    @classmethod
    def from_members(cls, members: Mapping[str, Any]) -> Self:
        """What `members` gave; KeyError, TypeError or ValueError for anything else."""
        values = dict(members)
        values["outcome"] = Came(values["outcome"])
        for name in ("wrong", "reports"):
            values[name] = tuple(values[name])
        return cls(**values)
