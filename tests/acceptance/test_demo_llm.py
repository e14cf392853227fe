"""`make demo-llm`, without make: a quota that holds a job back, and nothing left of it all."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.long
def test_the_demo_repairs_waits_and_goes_on(backbone: Run, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    # Whoever has a key of their own is not asked to pay for a demonstration
    own = {"OPENAI_API_KEY": "sk-of-somebody-0123456789", "DEFAULT_LLM_PROVIDER": "openai"}
    shown = backbone("demo-llm", cwd=tmp_path, TMPDIR=str(scratch), timeout_seconds=240, **own)
    assert shown.returncode == 0, shown.stdout + shown.stderr

    lines = shown.stdout.splitlines()
    assert lines[0] == "scripted answers, no model"
    told = [line.strip() for line in lines]
    repaired = told.index("asked 2 times so far: the first answer had faults, the second none")
    held = told.index("deferred: llm_quota")
    assert repaired < held < told.index("asked 3 times so far")
    assert "asked 2 times so far: nothing was asked for it yet" in told
    manifest = json.loads((tmp_path / "out" / "concerts" / "backbone.json").read_text())
    assert manifest["document"]["project_name"] == "concerts"
    # Of a worker that takes so long to end that it is killed, an empty folder may be left
    assert [path for path in scratch.rglob("*") if not path.match("scratch/pymp-*")] == []
    left = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/environ") if mine(path)]
    assert not any(str(scratch).encode() in environment for environment in left)


def mine(environment: Path) -> bool:
    """Whether a process is still there and may be looked at."""
    try:
        return bool(environment.read_bytes())
    except OSError:
        return False
