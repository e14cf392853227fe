"""The supervisor keeps programs running, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backbone.child import Program
from backbone.supervisor import ProgramGivenUpError, Supervisor

Lines = list[tuple[str, str]]


def program(folder: Path, name: str, code: str, *, stop_within_seconds: float = 5) -> Program:
    environment = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}
    command = (sys.executable, "-c", code)
    return Program(name, command, environment, folder, stop_within_seconds)


@pytest.fixture
def heard() -> Lines:
    return []


@pytest.fixture
def supervisor(heard: Lines) -> Iterator[Supervisor]:
    running = Supervisor(lambda name, line: heard.append((name, line)))
    yield running
    running.stop()


def is_over(condition: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether it comes to that, well before what is meant to be ended ends by itself."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def turn_until(supervisor: Supervisor, condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        supervisor.turn(0.05)


def test_it_hears_what_a_program_writes_on_both_streams(
    supervisor: Supervisor, heard: Lines, tmp_path: Path
) -> None:
    code = "import sys,time; print('out'); print('err', file=sys.stderr); time.sleep(60)"
    supervisor.start(program(tmp_path, "talker", code))
    turn_until(supervisor, lambda: {("talker", "out"), ("talker", "err")} <= set(heard))


def test_what_dies_is_started_again(supervisor: Supervisor, heard: Lines, tmp_path: Path) -> None:
    supervisor.start(program(tmp_path, "sleeper", "import time; time.sleep(60)"))
    first = supervisor.process_ids["sleeper"]
    os.kill(first, signal.SIGKILL)
    turn_until(supervisor, lambda: supervisor.process_ids.get("sleeper", first) != first)
    assert any("was ended by SIGKILL" in line for _, line in heard)


def test_what_can_not_start_at_all_is_given_up_with_its_last_words(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(program(tmp_path, "broken", "raise SystemExit('no configuration')"))
    with pytest.raises(ProgramGivenUpError) as given_up:
        turn_until(supervisor, lambda: False)
    assert str(given_up.value).startswith("broken can't be kept running (ended with status 1)")
    assert "no configuration" in str(given_up.value)


def test_stopping_goes_group_by_group(supervisor: Supervisor, heard: Lines, tmp_path: Path) -> None:
    code = (
        "import signal,sys,time\n"
        "def stop(*_):\n    time.sleep(0.2); print('stopped'); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, stop); print('up')\n"
        "while True: time.sleep(1)"
    )
    for name in ("front", "middle", "back"):
        supervisor.start(program(tmp_path, name, code))
    turn_until(supervisor, lambda: [line for _, line in heard].count("up") == 3)
    supervisor.stop(("front",), ("middle",), ("back",))
    stopped = [name for name, line in heard if line == "stopped"]
    assert stopped == ["front", "middle", "back"]
    assert supervisor.process_ids == {}


def test_what_does_not_listen_is_killed_with_its_whole_group(
    supervisor: Supervisor, heard: Lines, tmp_path: Path, is_running: Callable[[int], bool]
) -> None:
    code = (
        "import signal,subprocess,sys,time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid)\n"
        "time.sleep(600)"
    )
    supervisor.start(program(tmp_path, "deaf", code, stop_within_seconds=0.3))
    turn_until(supervisor, lambda: any(line.isdigit() for _, line in heard))
    grandchild = next(int(line) for _, line in heard if line.isdigit())
    supervisor.stop(("deaf",))
    assert is_over(lambda: not is_running(grandchild))


def test_a_program_that_can_not_be_found_is_an_error_at_once(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        supervisor.start(Program("none", ("/nonexistent/program",), {}, tmp_path, 1))
    assert supervisor.process_ids == {}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a parent's death")
def test_children_of_a_killed_supervisor_die_with_it(
    tmp_path: Path, is_running: Callable[[int], bool]
) -> None:
    code = (
        "import sys, pathlib\n"
        "from backbone.child import Program\n"
        "from backbone.supervisor import Supervisor\n"
        "it = Supervisor(lambda name, line: None)\n"
        "it.start(Program('sleeper', (sys.executable, '-c', 'import time; time.sleep(600)'),\n"
        "                 {}, pathlib.Path('.'), 1))\n"
        "print(it.process_ids['sleeper'], flush=True)\n"
        "while True: it.turn(1)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as owner:
        assert owner.stdout is not None
        child = int(owner.stdout.readline())
        assert is_running(child)
        owner.kill()
        owner.wait()
        assert is_over(lambda: not is_running(child))
