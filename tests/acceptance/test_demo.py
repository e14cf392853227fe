"""`make demo`, without make: a whole job from one command, and nothing left of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from backbone.ports import answers, choose

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
    # Of a worker that takes so long to end that it is killed, an empty folder may be left
    assert [path for path in scratch.rglob("*") if not path.match("scratch/pymp-*")] == []
    everything = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/environ") if mine(path)]
    assert not any(str(scratch).encode() in environment for environment in everything)
    the_project_works(project)


def mine(environment: Path) -> bool:
    """Whether a process is still there and may be looked at."""
    try:
        return bool(environment.read_bytes())
    except OSError:
        return False


def the_project_works(project: Path) -> None:
    """What its README says can be done with it can be done, with what the platform came with."""
    tools = Path(sys.executable).parent
    surroundings = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(project.parent)}
    for command in (["alembic", "upgrade", "head"], ["pytest", "-q"]):
        done = subprocess.run(
            [tools / command[0], *command[1:]],
            cwd=project,
            env=surroundings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    port = choose("127.0.0.1", 0, setting="a test")
    serving = subprocess.Popen(
        [tools / "uvicorn", "app.main:app", "--port", str(port)],
        cwd=project,
        env=surroundings,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while not answers("127.0.0.1", port):
            assert serving.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        address = f"http://127.0.0.1:{port}"
        assert httpx.get(f"{address}/openapi.json").status_code == 200
        made = httpx.post(f"{address}/tags", json={"name": "proof"})
        assert made.status_code == 201, made.text
        assert httpx.get(f"{address}/tags").json()["total"] == 1
    finally:
        serving.terminate()
        serving.wait()
