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
    said = (_counted(findings, "finding"), _counted(unformatted, "file", " not formatted"))
    return failed(", ".join(filter(None, said)), details=[*findings, *unformatted])


def _counted(lines: list[str], noun: str, what: str = "") -> str:
    return f"{len(lines)} {noun}{'s' if len(lines) > 1 else ''}{what}" if lines else ""


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
