"""`backbone up`: everything runs, is watched, and is gone afterwards."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from backbone.background_stack import BackgroundStack
from common.settings import environment_without_settings

Run = Callable[..., subprocess.CompletedProcess[str]]
IsRunning = Callable[[int], bool]
SECRETS = ("api_key", "jwt_secret_key", "flower_password", "valkey_password")


def family(process_id: int) -> list[int]:
    """All processes that descend from `process_id`, itself first."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
    found = [process_id]
    for member in found:
        found += [child for child, parent in parents.items() if parent == member]
    return found


def command_line(process_id: int) -> str:
    try:
        return Path(f"/proc/{process_id}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def process_of(stack: BackgroundStack, words: str) -> int:
    """The direct child of the supervisor whose command has `words` in it."""
    matching = [
        child
        for child in family(stack.process_id)
        if words in command_line(child)
        and f"PPid:\t{stack.process_id}\n" in Path(f"/proc/{child}/status").read_text()
    ]
    assert len(matching) == 1, (words, matching)
    return matching[0]


@pytest.fixture(autouse=True)
def patiently(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is killed while it stops, only since the machine is busy."""
    monkeypatch.setattr("backbone.background_stack._DOWN_WITHIN_SECONDS", 60)


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def ready(stack: BackgroundStack) -> bool:
    try:
        return httpx.get(f"{stack.api_url}/health/readiness", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def test_everything_that_is_promised_runs(stack: BackgroundStack) -> None:
    commands = [command_line(process_id) for process_id in family(stack.process_id)]
    for words in ("valkey-server", "api.server", " worker ", " beat ", " flower"):
        assert any(words in command for command in commands), words


def test_secrets_are_private_files_and_on_no_command_line(stack: BackgroundStack) -> None:
    values = [stack.secret(name) for name in SECRETS]
    assert len(set(values)) == len(SECRETS)
    assert all(len(value) >= 32 for value in values)
    for process_id in family(stack.process_id):
        assert not any(value in command_line(process_id) for value in values)
    holding = [
        path
        for path in stack.folder.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and any(value.encode() in path.read_bytes() for value in values)
    ]
    shown_once = stack.folder / "up.log"
    assert holding, "the secrets are kept somewhere"
    for path in holding:
        if path != shown_once:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_only_what_needs_a_secret_is_given_it(stack: BackgroundStack) -> None:
    def environment(words: str) -> bytes:
        return Path(f"/proc/{process_of(stack, words)}/environ").read_bytes()

    key, jwt = stack.secret("api_key").encode(), stack.secret("jwt_secret_key").encode()
    assert key in environment("api.server")
    for words in (" worker ", " beat ", " flower", "valkey-server"):
        assert key not in environment(words)
        assert jwt not in environment(words)


def test_the_key_is_shown_on_the_first_run_only_and_jobs_outlive_a_restart(
    tmp_path: Path, small: Path, backbone: Run, is_running: IsRunning
) -> None:
    with BackgroundStack(tmp_path / "data") as first:
        key = first.api_key
        wait_for(lambda: key in (first.folder / "up.log").read_text())
        everybody = family(first.process_id)
        submitted = backbone(
            "submit", small, "--json", BACKBONE_URL=first.api_url, BACKBONE_API_KEY=key
        )
        assert submitted.returncode == 0, submitted.stderr
        job_id = json.loads(submitted.stdout)["id"]
        assert first.stop() == 0  # and so it was not killed in the end
    assert [command_line(one) for one in everybody if is_running(one)] == []
    (tmp_path / "data" / "up.log").unlink()
    with BackgroundStack(tmp_path / "data") as second:
        wait_for(lambda: "Ctrl-C stops" in (second.folder / "up.log").read_text())
        assert key not in (second.folder / "up.log").read_text()
        assert second.api_key == key
        server = {"BACKBONE_URL": second.api_url, "BACKBONE_API_KEY": key}
        watched = backbone("jobs", "watch", job_id, **server)
        assert watched.returncode == 0, watched.stderr
        listed = json.loads(backbone("jobs", "list", "--json", **server).stdout)
        assert [job["id"] for job in listed["items"]] == [job_id]


def test_ctrl_c_stops_everything(tmp_path: Path, is_running: IsRunning) -> None:
    with BackgroundStack(tmp_path / "data") as stack:
        wait_for(lambda: len(family(stack.process_id)) > 7)  # the pool of the worker, too
        everybody = family(stack.process_id)
        os.kill(stack.process_id, signal.SIGINT)
        wait_for(lambda: not is_running(stack.process_id))
        assert stack.stop() == 0
    wait_for(lambda: not any(map(is_running, everybody)))


@pytest.mark.parametrize("after_seconds", [0.3, 1.0, 2.0])
def test_it_can_be_stopped_while_it_starts(
    tmp_path: Path, is_running: IsRunning, after_seconds: float
) -> None:
    settings = {"DATA_DIR": str(tmp_path / "data"), "API_PORT": "0", "FLOWER_PORT": "0"}
    with subprocess.Popen(
        [sys.executable, "-m", "backbone", "up"],
        env=environment_without_settings() | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as starting:
        time.sleep(after_seconds)
        everybody = family(starting.pid)
        starting.terminate()
        said, _ = starting.communicate(timeout=60)
    assert starting.returncode in {0, 143, -signal.SIGTERM}
    assert "Traceback" not in said
    wait_for(lambda: not any(map(is_running, everybody)))


def test_a_killed_supervisor_takes_everything_with_it(
    tmp_path: Path, is_running: IsRunning
) -> None:
    with BackgroundStack(tmp_path / "data") as stack:
        wait_for(lambda: len(family(stack.process_id)) > 7)
        everybody = family(stack.process_id)
        os.kill(stack.process_id, signal.SIGKILL)
        wait_for(lambda: not any(map(is_running, everybody)))
    with BackgroundStack(tmp_path / "data") as again:
        wait_for(lambda: ready(again))


@pytest.mark.parametrize("words", ["api.server", "valkey-server", " beat ", " flower", " worker "])
def test_what_dies_is_started_again(stack: BackgroundStack, words: str) -> None:
    before = process_of(stack, words)
    os.kill(before, signal.SIGKILL)

    def replaced() -> bool:
        now = [one for one in family(stack.process_id) if words in command_line(one)]
        return bool(now) and before not in now

    wait_for(replaced)
    wait_for(lambda: ready(stack))


def test_a_second_one_on_the_same_folder_refuses(stack: BackgroundStack, backbone: Run) -> None:
    refused = backbone("up", DATA_DIR=str(stack.folder), API_PORT="0", FLOWER_PORT="0")
    assert refused.returncode == 1
    assert "in use by another" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    wait_for(lambda: ready(stack))


@pytest.mark.parametrize("setting", ["API_PORT", "FLOWER_PORT"])
def test_a_taken_port_is_one_clear_message(tmp_path: Path, backbone: Run, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ports = {"API_PORT": "0", "FLOWER_PORT": "0", setting: port}
        refused = backbone("up", DATA_DIR=str(tmp_path / "data"), **ports)
    assert refused.returncode == 1
    assert setting in refused.stderr
    assert port in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert not list(tmp_path.rglob("*.log"))


def test_an_unwritable_folder_is_one_clear_message(tmp_path: Path, backbone: Run) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    refused = backbone("up", DATA_DIR=str(in_the_way / "data"), API_PORT="0", FLOWER_PORT="0")
    assert refused.returncode == 1
    assert "DATA_DIR" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_KEY", "too-short-for-a-key"),
        ("API_PORT", "eighty"),
        ("ENVIRONMENT", "nowhere"),
        ("REDIS_URL", "not-an-address-at-all"),
    ],
)
def test_bad_settings_are_one_clear_message(
    tmp_path: Path, backbone: Run, name: str, value: str
) -> None:
    settings = {
        "API_PORT": "0",
        "FLOWER_PORT": "0",
        "DATA_DIR": str(tmp_path / "data"),
        name: value,
    }
    refused = backbone("up", **settings)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"{name}: ")
    assert value not in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert not list(tmp_path.rglob("*.log"))


def test_a_database_that_is_not_there_is_one_clear_message(tmp_path: Path, backbone: Run) -> None:
    refused = backbone(
        "up",
        DATA_DIR=str(tmp_path / "data"),
        API_PORT="0",
        FLOWER_PORT="0",
        DATABASE_URL="postgresql://nobody:hidden-word@127.0.0.1:1/none",
    )
    assert refused.returncode == 1
    assert "DATABASE_URL" in refused.stderr
    assert "hidden-word" not in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
