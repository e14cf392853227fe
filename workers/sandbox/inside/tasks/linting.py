"""ruff finds nothing and would format nothing differently, by the project's own rules."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from ..job import Job
from .verdict import failed, passed


def lint_project(job: Job) -> dict[str, Any]:
    """Run `ruff check` and `ruff format --check`; neither changes anything."""
    ruff = Path(sysconfig.get_path("scripts")) / "ruff"
    common = ["--no-cache", "--no-respect-gitignore", "."]
    check = _run(job, [str(ruff), "check", "--no-fix", "--output-format=concise", *common])
    form = _run(job, [str(ruff), "format", "--check", *common])
    findings = [line for line in check.stdout.splitlines() if check.returncode and ": " in line]
    unformatted = [line for line in form.stdout.splitlines() if line.startswith("Would reformat")]
    if check.returncode == 0 and form.returncode == 0:
        return passed()
    parts = []
    if check.returncode:
        parts.append(f"{len(findings)} findings")
    if form.returncode:
        parts.append(f"{len(unformatted)} files not formatted")
    return failed(
        ", ".join(parts),
        output=check.stdout + check.stderr + form.stdout + form.stderr,
        details=[*findings, *unformatted],
    )


def _run(job: Job, command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - a fixed command
        command, cwd=job.project, capture_output=True, text=True, check=False
    )
