"""A verification report, in lines for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

_MARKS: Final = {"passed": "ok", "failed": "FAILED", "skipped": "skipped"}
_FIRST_LINES: Final = 12


def report_lines(report: Mapping[str, Any]) -> list[str]:
    """One line a check, with what went wrong below it; then the isolation and the warnings."""
    lines = []
    for check in report.get("checks", ()):
        mark = _MARKS.get(str(check.get("outcome")), str(check.get("outcome")))
        engine = f" on {check['engine']}" if check.get("engine") else ""
        seconds = float(check.get("seconds") or 0)
        reason = f"  ({check['reason']})" if check.get("reason") else ""
        lines.append(f"{check['name'] + engine:<22} {mark:<8} {seconds:6.2f} s{reason}")
        if check.get("outcome") == "failed":
            lines += [f"    {line}" for line in _findings(check)]
    isolation = report.get("isolation") or ()
    lines.append(f"isolation: {', '.join(isolation) if isolation else 'none'}")
    lines += [f"warning: {warning}" for warning in report.get("warnings", ())]
    return lines


def _findings(check: Mapping[str, Any]) -> Sequence[str]:
    details = [str(detail) for detail in check.get("details", ())]
    return (details or str(check.get("output") or "").splitlines())[:_FIRST_LINES]
