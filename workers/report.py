"""What verification found: values that the checks make and everything after them reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of one project on one engine."""

    name: str
    """`compile lint types import schema migrate tests` (and `fuzz`)"""
    outcome: Outcome
    engine: str | None
    """The database that it ran on (`sqlite`, `postgresql`, …), or None where none is involved."""
    seconds: float
    reason: str | None
    """Why it was skipped, or in one line what failed."""
    output: str
    """The first lines of what went wrong; empty where nothing did. At most 20,000 characters."""
    details: tuple[str, ...] = ()
    """Single findings, one a line: a difference of schemas, a test that failed."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How many of some examples passed."""

    passed: int
    total: int


@dataclass(frozen=True, slots=True)
class OperationResult:
    """What became of one operation. That it passes its examples proves nothing beyond them."""

    name: str
    outcome: str
    """`passes` (its examples), `not_tried`, `stub`, or `unproven` where the job failed for it"""
    written_by: str | None
    """`the caller`, or the provider, the model and the prompt; None where nothing fills it"""
    shown: Tried
    """The examples that a model was, or would be, shown"""
    held_back: Tried
    """Those that no model is shown"""
    reason: str | None = None
    """Why it is a stub, is unproven or was not tried"""
    provider: str | None = None
    """Whose model wrote it; None where none did"""
    model: str | None = None
    prompt: str | None = None
    """Name and version of the instructions: `implement-1`"""
    sha256: str | None = None
    """Of the body; None for a stub"""
    draft: str | None = None
    """What was last written for it and did not do; it may not even be Python"""


@dataclass(frozen=True, slots=True)
class Report:
    """All checks of one project, and what they ran inside of."""

    level: str
    """`full`, `fast`, `none` or `fuzz`, as it was asked for"""
    checks: tuple[CheckResult, ...]
    isolation: tuple[str, ...]
    """The layers that held: `bubblewrap`, `namespaces`, `landlock`, `seccomp`, `rlimits`, …"""
    warnings: tuple[str, ...] = ()
    """Of the job, for instance `compiled only`."""
    operations: tuple[OperationResult, ...] = ()
    """In the order of their names"""

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return all(check.outcome is not Outcome.FAILED for check in self.checks)

    def count(self, outcome: Outcome) -> int:
        """How many checks ended so."""
        return sum(check.outcome is outcome for check in self.checks)


def write_report(report: Report) -> bytes:
    """The report as JSON."""
    return json.dumps(asdict(report), ensure_ascii=False, indent=2).encode()


def read_report(written: bytes) -> Report:
    """What `write_report` wrote; ValueError if it is anything else."""
    try:
        members = json.loads(written)
        checks = tuple(
            CheckResult(
                **{
                    **check,
                    "outcome": Outcome(check["outcome"]),
                    "details": tuple(check["details"]),
                }
            )
            for check in members["checks"]
        )
        isolation, warnings = tuple(members["isolation"]), tuple(members["warnings"])
        operations = tuple(read_result(each) for each in members["operations"])
        return Report(members["level"], checks, isolation, warnings, operations)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a report: {error!r}") from error


def read_result(members: Mapping[str, Any]) -> OperationResult:
    """The result of an operation out of its members; TypeError and KeyError for anything else."""
    tried = {name: Tried(**members[name]) for name in ("shown", "held_back")}
    return OperationResult(**{**members, **tried})
