"""A verification report, in lines for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

_MARKS: Final = {"passed": "ok", "failed": "FAILED", "skipped": "skipped"}
_COLOURS: Final = {"passed": "green", "failed": "red", "skipped": "yellow"}
_MOST_LINES: Final = 12
_THE_CALLER: Final = "the caller"


def report_lines(report: Mapping[str, Any]) -> list[str]:
    """One line a check, with what went wrong below it; then the isolation and the warnings.

    The outcomes are coloured; `click.echo` takes the colours out again where nobody sees them.
    """
    lines = []
    for check in report.get("checks", ()):
        outcome = str(check.get("outcome"))
        mark = click.style(f"{_MARKS.get(outcome, outcome):<8}", fg=_COLOURS.get(outcome))
        engine = f" on {check['engine']}" if check.get("engine") else ""
        seconds = float(check.get("seconds") or 0)
        reason = f"  ({check['reason']})" if check.get("reason") else ""
        lines.append(f"{check['name'] + engine:<22} {mark} {seconds:6.2f} s{reason}")
        if check.get("outcome") == "failed":
            lines += [f"    {line}" for line in _findings(check)]
    lines += operation_lines(report)
    isolation = report.get("isolation") or ()
    lines.append(f"isolation: {', '.join(isolation) if isolation else 'none'}")
    lines += [f"warning: {warning}" for warning in report.get("warnings", ())]
    return lines


def operation_lines(report: Mapping[str, Any]) -> list[str]:
    """One line an operation: who wrote it, and how it did on its examples."""
    return [_operation(result) for result in report.get("operations", ())]


def _operation(result: Mapping[str, Any]) -> str:
    """How an operation did on its examples, which proves nothing beyond them."""
    head = f"operation {result['name']}"
    if result["outcome"] == "stub":
        return f"{head}: a stub that answers 501 ({result['reason']})"
    if result["outcome"] == "not_tried":
        return f"{head}: not tried ({result['reason']}), written by {result['written_by']}"
    tried = _tried(result)
    if result["outcome"] == "unproven":
        return f"{head}: unproven, passes {tried} ({result['reason']})"
    return f"{head}: passes your examples, {tried}; written by {result['written_by']}"


def _tried(result: Mapping[str, Any]) -> str:
    """How many examples passed; what is shown or held back matters for models alone."""
    shown, held_back = result["shown"], result["held_back"]
    if result["written_by"] == _THE_CALLER:
        passed, total = (shown[member] + held_back[member] for member in ("passed", "total"))
        return f"{passed} of {total}"
    told = (f"{tried['passed']} of {tried['total']}" for tried in (shown, held_back))
    return "shown {}, held back {}".format(*told)


def _findings(check: Mapping[str, Any]) -> Sequence[str]:
    details = [str(detail) for detail in check.get("details", ())]
    if details:
        return details[:_MOST_LINES]
    return str(check.get("output") or "").splitlines()[-_MOST_LINES:]  # a traceback ends with why
