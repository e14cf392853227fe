"""Flower: asks who you are, changes nothing, and shows a job under its own id."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from backbone.background_stack import BackgroundStack
from backbone.stack import FLOWER_USER

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_flower_asks_who_you_are(stack: BackgroundStack) -> None:
    for path in ("/", "/workers", "/tasks", "/api/workers"):
        assert httpx.get(stack.flower_url + path).status_code == 401
        wrong = httpx.get(stack.flower_url + path, auth=(FLOWER_USER, "guess"))
        assert wrong.status_code == 401


def test_flower_shows_a_job_under_its_own_id_and_is_read_only(
    stack: BackgroundStack, backbone: Run, small: Path, server: dict[str, str]
) -> None:
    submitted = backbone("submit", small, "--wait", **server)
    assert submitted.returncode == 0, submitted.stderr
    job_id = submitted.stdout.split()[0]
    auth = (FLOWER_USER, stack.secret("flower_password"))
    deadline = time.monotonic() + 60
    while True:
        answer = httpx.get(f"{stack.flower_url}/api/task/info/{job_id}", auth=auth)
        if answer.status_code == 200 and answer.json()["state"] == "SUCCESS":
            break
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.2)
    assert answer.json()["uuid"] == job_id
    assert httpx.get(f"{stack.flower_url}/task/{job_id}", auth=auth).status_code == 200
    started = httpx.post(
        f"{stack.flower_url}/api/task/async-apply/job.run", auth=auth, json={"args": ["job_x"]}
    )
    assert started.status_code == 403
