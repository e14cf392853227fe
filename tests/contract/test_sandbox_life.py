"""How a sandbox begins and ends: with its owner, whatever happens to that."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from common.errors import TransientError
from workers.sandbox import Sandbox, open_sandbox
from workers.sandbox.isolation import Isolation
from workers.sandbox.limits import Limits
from workers.sandbox.sandbox import sealed

LONG_SECONDS = 60
"""For what happens at once, on a machine that is busy; nothing here ends by itself before that."""
ENDLESS = Limits(wall_seconds=3600, cpu_seconds=3600)
LOOP = {"app/__init__.py": "", "app/main.py": "while True: pass\n"}
OWNER = """
import json, sys, time
from workers.sandbox import open_sandbox
from workers.sandbox.sandbox import sealed
sandbox = open_sandbox()
files = {"app/__init__.py": "", "app/main.py": "while True: pass"}
with sealed(json.dumps(files).encode()) as file:
    sandbox.start("import", inputs=[file])
print("running", flush=True)
time.sleep(600)
"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox() as opened:
        yield opened


def test_nothing_is_started_before_the_first_job() -> None:
    before = children(os.getpid())
    with open_sandbox():
        assert children(os.getpid()) == before


def test_closing_it_ends_all_of_it(sandbox: Sandbox) -> None:
    before = children(os.getpid())
    with sealed(json.dumps(LOOP).encode()) as project:
        sandbox.start("import", inputs=[project], limits=ENDLESS)
    assert len(children(os.getpid())) == len(before) + 1
    sandbox.close()
    assert children(os.getpid()) == before


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_is_left_when_its_owner_is_killed(death: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"running\n"
        until(lambda: len(descendants(owner.pid)) >= 3)
        left = descendants(owner.pid)
        owner.send_signal(death)
        owner.wait()
    until(lambda: not any(map(alive, left)))


def test_a_job_that_is_no_longer_wanted_ends_at_once(sandbox: Sandbox) -> None:
    with sealed(json.dumps(LOOP).encode()) as project:
        job = sandbox.start("import", inputs=[project], limits=ENDLESS)
    assert sandbox.wait(0.2) == []
    sandbox.end(job)
    (ended,) = sandbox.wait(LONG_SECONDS)
    assert (ended.job, ended.outcome, ended.reason) == (job, None, "cancelled")


def test_jobs_run_side_by_side(sandbox: Sandbox) -> None:
    sleeper = {"app/__init__.py": "", "app/main.py": "import time; time.sleep(600)\n"}
    with sealed(json.dumps(sleeper).encode()) as project:
        slow = sandbox.start("import", inputs=[project], limits=ENDLESS)
        quick = sandbox.start("nothing", inputs=[project])
        (ended,) = sandbox.wait(LONG_SECONDS)
        assert ended.job is quick
        sandbox.end(slow)
        (ended,) = sandbox.wait(LONG_SECONDS)
        assert ended.job is slow


def test_many_jobs_that_say_much_are_all_heard(sandbox: Sandbox) -> None:
    code = "print('x' * 300_000)\nraise SystemExit('y' * 300_000)\n"
    waiting = 40
    ended = []
    with sealed(json.dumps({"app/__init__.py": "", "app/main.py": code}).encode()) as project:
        running = 0
        while len(ended) < 40:
            while running < 4 and waiting:
                sandbox.start("import", inputs=[project])
                running, waiting = running + 1, waiting - 1
            over = sandbox.wait(10)
            running -= len(over)
            ended += over
    assert {len(each.output) for each in ended} == {100_000}
    assert all(each.outcome and "yyy" in each.outcome["reason"] for each in ended)


def test_a_lost_sandbox_says_so_and_starts_again(sandbox: Sandbox) -> None:
    before = set(children(os.getpid()))
    with sealed(b"{}") as project:
        sandbox.start("nothing", inputs=[project])
        assert len(sandbox.wait(LONG_SECONDS)) == 1
        (process,) = set(children(os.getpid())) - before
    with sealed(json.dumps(LOOP).encode()) as project:
        sandbox.start("import", inputs=[project])
        os.kill(process, signal.SIGKILL)
        with pytest.raises(TransientError, match="ended while jobs were running"):
            until_lost(sandbox)
    with sealed(b"{}") as project:
        sandbox.start("nothing", inputs=[project])
        assert len(sandbox.wait(LONG_SECONDS)) == 1


def test_a_sandbox_that_can_not_start_says_why() -> None:
    nowhere = Isolation("/bin/false", other_user=False)
    with (
        Sandbox(nowhere) as broken,
        sealed(b"{}") as project,
        pytest.raises(TransientError, match="does not start"),
    ):
        broken.start("nothing", inputs=[project])
    assert nowhere.probe() is None


def test_what_is_sealed_can_not_be_changed() -> None:
    with sealed(b"content") as file, pytest.raises(PermissionError):
        os.pwrite(file, b"x", 0)


def test_a_fork_starts_a_sandbox_of_its_own(sandbox: Sandbox) -> None:
    with sealed(b"{}") as project:
        sandbox.start("nothing", inputs=[project])
        assert len(sandbox.wait(LONG_SECONDS)) == 1
        forked = os.fork()
        if forked == 0:
            sandbox.start("nothing", inputs=[project])
            ended = sandbox.wait(LONG_SECONDS)
            sandbox.close()
            os._exit(0 if len(ended) == 1 else 1)
        assert os.waitpid(forked, 0)[1] == 0
        sandbox.start("nothing", inputs=[project])
        assert len(sandbox.wait(LONG_SECONDS)) == 1


def test_limits_of_outside_are_not_sent_inside() -> None:
    assert "wall_seconds" not in Limits().inside()


def until_lost(sandbox: Sandbox) -> None:
    for _ in range(LONG_SECONDS):
        sandbox.wait(1)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def children(process: int) -> list[int]:
    path = Path(f"/proc/{process}/task/{process}/children")
    return sorted(int(child) for child in path.read_text().split())


def descendants(process: int) -> list[int]:
    found = children(process)
    for child in [*found]:
        found += descendants(child)
    return found


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
