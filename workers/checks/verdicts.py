"""From what came out of the sandbox to the results that a report holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from workers.checks.catalogue import Step
from workers.checks.wording import shown, shown_line
from workers.report import CheckResult, Outcome
from workers.sandbox.running import Ended

_MOST_DETAILS: Final = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """How one step ended."""

    step: Step
    outcome: Outcome
    reason: str | None = None
    output: str = ""
    details: tuple[str, ...] = ()
    seconds: float = 0.0
    layers: tuple[str, ...] = ()
    """What isolated it; empty where it never ran."""
    answer: dict[str, Any] = field(default_factory=dict)
    """All that the task said, unchecked: a project can have tampered with it."""


def read_finding(step: Step, ended: Ended) -> Finding:
    """What a job that is over found out; an answer that makes no sense is a failure."""
    if ended.outcome is None:
        answer: dict[str, Any] = {}
        passed, reason, output, details = False, ended.reason or "", ended.output, []
    else:
        answer = ended.outcome
        passed = answer.get("passed") is True
        reason = _text(answer.get("reason"))
        output = _text(answer.get("output")) or ("" if passed else ended.output)
        found = answer.get("details")
        details = [_text(each) for each in found] if isinstance(found, list) else []
    return Finding(
        step,
        Outcome.PASSED if passed else Outcome.FAILED,
        shown_line(reason) or (None if passed else "failed without a reason"),
        "" if passed else shown(output),
        tuple(shown_line(each) for each in details[:_MOST_DETAILS]),
        ended.seconds,
        ended.layers,
        answer,
    )


def skipped(step: Step, needed: Step) -> Finding:
    """A step that did not run because `needed`, which it builds on, did not pass."""
    return Finding(step, Outcome.SKIPPED, f"{needed.check or needed.task} did not pass")


def results(checks: Sequence[str], findings: Sequence[Finding]) -> tuple[CheckResult, ...]:
    """The results of these checks: one for each engine that a check ran on."""
    ran: dict[tuple[str, str | None], list[Finding]] = {}
    for check in checks:
        for finding in findings:
            if finding.step.check == check:
                ran.setdefault((check, finding.step.engine), []).append(finding)
    return tuple(_combine(check, own) for (check, _), own in ran.items())


def _combine(check: str, own: Sequence[Finding]) -> CheckResult:
    """One result out of several steps: failed if one failed, else skipped if one was."""
    order = (Outcome.FAILED, Outcome.SKIPPED, Outcome.PASSED)
    decisive = min(own, key=lambda finding: order.index(finding.outcome))
    return CheckResult(
        name=check,
        outcome=decisive.outcome,
        engine=decisive.step.engine,
        seconds=round(sum(finding.seconds for finding in own), 3),
        reason=decisive.reason,
        output=decisive.output,
        details=tuple(detail for finding in own for detail in finding.details),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
