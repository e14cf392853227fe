"""Every command of the runbook is one that there is, and does what the runbook says."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import click
import httpx
import pytest

from backbone.background_stack import BackgroundStack
from backbone.main import cli
from common import clock
from common.settings import environment_without_settings

PAGE = Path(__file__).parents[2] / "docs" / "incidents.md"
ELSEWHERE = ("docker compose", "http://127.0.0.1:8000", ".venv/bin/activate", "METRICS_TOKEN=...")
"""What is in lines that only an installation of somebody's own can run."""
BLOG = Path(__file__).parents[2] / "examples" / "blog.json"


def commands() -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^ *```console\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()]


def test_the_seven_steps_are_there_in_their_order_each_with_its_commands() -> None:
    steps = re.split(r"^#+ ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[2:9]
    assert [step[:2] for step in steps] == [f"{number}." for number in range(1, 8)]
    for step in steps:
        assert "```console\n$ " in step, step.splitlines()[0]


@pytest.mark.parametrize(
    "line",
    [line for line in commands() if re.search(r"(^|[^/])backbone ", line) and "docker" not in line],
)
def test_a_command_of_ours_is_one_that_there_is(line: str) -> None:
    """With these options and arguments; nothing is run."""
    words = shlex.split(re.search(r"backbone ([^)>#]*)", line)[1])
    command: click.Command = cli
    context = click.Context(cli)
    while isinstance(command, click.Group):
        name = words.pop(0)
        found = command.get_command(context, name)
        assert found is not None, name
        command, context = found, click.Context(found, parent=context, info_name=name)
    command.make_context(command.name, words)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "\nBLOCKED_IPS=203.0.113.9,2001:db8::/32\n"),
        ("DEBUG=true", "DEBUG=true\nBLOCKED_IPS=203.0.113.9,2001:db8::/32\n"),
        ("BLOCKED_IPS=\nA=b\n", "BLOCKED_IPS=203.0.113.9,2001:db8::/32\nA=b\n"),
        ("BLOCKED_IPS=192.0.2.1\n", "BLOCKED_IPS=192.0.2.1,203.0.113.9,2001:db8::/32\n"),
    ],
)
def test_a_second_address_is_blocked_beside_the_first(
    before: str | None, after: str, tmp_path: Path
) -> None:
    place = tmp_path / ".env"
    if before is not None:
        place.write_text(before, encoding="utf-8")
    lines = [line for line in commands() if "BLOCKED_IPS" in line]
    for address in ("203.0.113.9", "2001:db8::/32"):
        environment = {"PATH": os.environ["PATH"], "ADDRESS": address}
        for line in lines:
            subprocess.run(["bash", "-c", line], cwd=tmp_path, env=environment, check=True)
    assert place.read_text(encoding="utf-8") == after


@pytest.mark.long
def test_the_whole_runbook_runs(tmp_path: Path) -> None:
    folder = tmp_path / "platform"
    with BackgroundStack(folder / "var") as stack:
        before = _break_in(stack)
        environment = environment_without_settings() | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "KEY_ID": before["key"],
            "CALLER": before["caller"],
            "JOB_ID": before["job"],
            "ADDRESS": "203.0.113.9",
        }
        lines = [line for line in commands() if not any(each in line for each in ELSEWHERE)]
        script = f"export BACKBONE_URL={stack.api_url}\n" + "".join(
            f"{line}\nstatus=$?; [ $status = 0 ] || echo {shlex.quote(f'FAILED: {line}')} >&2\n"
            for line in lines
        )
        ran = subprocess.run(
            ["bash", "-c", script],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert "FAILED" not in ran.stderr, ran.stderr
        for secret in (stack.api_key, before["secret"]):
            answer = httpx.get(f"{stack.api_url}/api/v1/jobs", headers={"X-API-Key": secret})
            assert answer.status_code == 401

    found = folder / "incident"
    kept = json.loads((found / "keys-before.json").read_text(encoding="utf-8"))
    assert {each["id"] for each in kept} > {before["key"]}
    assert [each["id"] for each in json.loads((found / "jobs.json").read_text("utf-8"))["items"]]
    assert json.loads((found / "usage.json").read_text(encoding="utf-8"))
    assert 'event="login.failed"' in (found / "metrics.txt").read_text(encoding="utf-8")
    assert json.loads((found / "document.json").read_text(encoding="utf-8"))["schema"]
    assert json.loads((found / "report.json").read_text(encoding="utf-8"))
    assert (folder / ".env").read_text(encoding="utf-8") == "\nBLOCKED_IPS=203.0.113.9\n"
    assert not [path for path in (found, *found.rglob("*")) if path.stat().st_mode & 0o077]
    sums = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=found, check=False)
    assert sums.returncode == 0
    assert "logs/api.log" in (found / "SHA256SUMS").read_text(encoding="utf-8")


def _break_in(stack: BackgroundStack) -> dict[str, str]:
    """What there is to be found: a key, a job, a failed login, a suspicious document."""
    url = f"{stack.api_url}/api/v1"
    admin = {"X-API-Key": stack.api_key}
    wanted = {"caller": "mallory", "name": "stolen", "scopes": ["generate", "validate"]}
    owner = httpx.post(f"{url}/admin/callers", headers=admin, json={"name": "mallory"}).json()
    made = httpx.post(f"{url}/admin/keys", headers=admin, json=wanted).json()
    stolen = {"X-API-Key": made["key"]}
    document = json.loads(BLOG.read_text(encoding="utf-8"))
    job = httpx.post(f"{url}/generate", headers=stolen, json=document).json()
    httpx.get(f"{url}/jobs", headers={"X-API-Key": "nobody's"})
    httpx.post(f"{url}/validate", headers=stolen, json=document | {"description": "drop table x"})
    httpx.get(f"{url}/admin/keys", headers=stolen)
    place = f"{url}/admin/jobs/{job['id']}"
    deadline = clock.monotonic() + 120
    while httpx.get(place, headers=admin).json()["status"] in {"queued", "running"}:
        assert clock.monotonic() < deadline
        time.sleep(0.5)
    return {"key": made["id"], "secret": made["key"], "caller": owner["id"], "job": job["id"]}
