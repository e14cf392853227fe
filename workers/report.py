"""What verification found: values that the checks make and everything after them reads."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum


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
class Report:
    """All checks of one project, and what they ran inside of."""

    level: str
    """`full`, `fast`, `none` or `fuzz`, as it was asked for"""
    checks: tuple[CheckResult, ...]
    isolation: tuple[str, ...]
    """The layers that held: `bubblewrap`, `namespaces`, `landlock`, `seccomp`, `rlimits`, …"""
    warnings: tuple[str, ...] = ()
    """Of the job, for instance `compiled only`."""

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
        return Report(members["level"], checks, isolation, warnings)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a report: {error!r}") from error
