"""ruff finds nothing and would format nothing differently, by the project's own rules."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from pathlib import Path
from typing import Any, Final

from ..job import Job
from .verdict import failed, passed

_FINDING: Final = re.compile(r"[^ :]+:\d+:\d+: ")


def lint_project(job: Job) -> dict[str, Any]:
    """Run `ruff check` and `ruff format --check`; neither changes anything."""
    findings = _run(job, "check", "--no-fix")
    unformatted = _run(job, "format", "--check")
    if not findings and not unformatted:
        return passed()
    counts = {"findings": len(findings), "files not formatted": len(unformatted)}
    reason = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return failed(reason, details=[*findings, *unformatted])


def _run(job: Job, *command: str) -> list[str]:
    """What ruff finds, one line each."""
    ruff = Path(sysconfig.get_path("scripts")) / "ruff"
    common = ["--output-format=concise", "--no-cache", "--no-respect-gitignore", "."]
    done = subprocess.run(  # noqa: S603 - a fixed command
        [str(ruff), *command, *common], cwd=job.project, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return []
    found = [line for line in done.stdout.splitlines() if _FINDING.match(line)]
    return found or [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
