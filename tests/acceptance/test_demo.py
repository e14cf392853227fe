"""`make demo`, without make: a whole job from one command, and nothing left of it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_the_demo_leaves_a_project_and_no_process(
    backbone: Run, root: Path, tmp_path: Path
) -> None:
    shutil.copytree(root / "examples", tmp_path / "examples")
    earlier = tmp_path / "out" / "blog"
    earlier.mkdir(parents=True)
    (earlier / "backbone.json").write_text('{"document": {}}')
    (earlier / "left_over.py").write_text("")

    scratch = tmp_path / "scratch"
    scratch.mkdir()
    shown = backbone("demo", cwd=tmp_path, TMPDIR=str(scratch), DATABASE_URL="sqlite:////no/such")
    assert shown.returncode == 0, shown.stdout + shown.stderr

    project = tmp_path / "out" / "blog"
    assert not (project / "left_over.py").exists()
    manifest = json.loads((project / "backbone.json").read_text())
    assert manifest["document"] == json.loads((root / "examples" / "blog.json").read_text())
    for name in ("main.py", "compile", "schema", "migrate", "tests", "isolation: "):
        assert name in shown.stdout
    assert "LLM: not configured, 0 calls" in shown.stdout
    assert list(scratch.iterdir()) == []
    commands = subprocess.run(["ps", "axww", "-o", "args="], capture_output=True, text=True).stdout  # noqa: PLW1510
    assert str(scratch) not in commands
