"""A worker may die, freeze or be told to stop in the middle of a job: it still succeeds, once."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backbone.background_stack import BackgroundStack
from backbone.client import Client

_LEASE_SECONDS = 4
_ENOUGH_SECONDS = 120

Job = dict[str, Any]


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackgroundStack]:
    settings = {
        "JOB_LEASE_SECONDS": str(_LEASE_SECONDS),
        "MAX_ATTEMPTS": "10",
        "RATE_LIMIT_GENERATION": "1000/minute",
        "RATE_LIMIT_AUTHENTICATED": "100000/minute",
    }
    with BackgroundStack(tmp_path_factory.mktemp("killed"), settings) as running:
        yield running


@pytest.fixture
def client(platform: BackgroundStack) -> Iterator[Client]:
    with Client(platform.api_url, platform.api_key) as client:
        yield client


@pytest.fixture
def document(blog: Path) -> bytes:
    """One that is verified for long enough to be interrupted."""
    return blog.read_bytes()


def wait_for(client: Client, job_id: str, condition: Callable[[Job], bool]) -> Job:
    deadline = time.monotonic() + _ENOUGH_SECONDS
    while not condition(job := client.job(job_id)):
        assert time.monotonic() < deadline, job
        time.sleep(0.02)
    return job


def running(client: Client, document: bytes) -> tuple[str, int]:
    """A job that is being verified, and the process that does it."""
    job_id = client.submit(document)["id"]
    job = wait_for(client, job_id, lambda job: job["stage"] == "verify")
    return job_id, int(job["attempts"][-1]["worker"].split(":")[1])


def finished(client: Client, job_id: str) -> Job:
    return wait_for(
        client, job_id, lambda job: job["status"] in {"succeeded", "failed", "cancelled"}
    )


def assert_succeeded_once(client: Client, job: Job, first: str) -> None:
    assert job["status"] == "succeeded", job["error"]
    outcomes = [attempt["outcome"] for attempt in job["attempts"]]
    assert (outcomes[0], outcomes[-1], outcomes.count("succeeded")) == (first, "succeeded", 1)
    assert set(outcomes[1:-1]) <= {"worker_lost"}  # by a machine that stood still for a lease
    assert client.artifact(job["id"])


def parent_of(process_id: int) -> int:
    return int(Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").split()[3])


def test_the_process_that_runs_the_job_is_killed(client: Client, document: bytes) -> None:
    job_id, worker = running(client, document)
    os.kill(worker, signal.SIGKILL)
    assert_succeeded_once(client, finished(client, job_id), "worker_lost")


def test_the_whole_worker_is_killed(
    client: Client, document: bytes, is_running: Callable[[int], bool]
) -> None:
    job_id, worker = running(client, document)
    os.kill(parent_of(worker), signal.SIGKILL)
    deadline = time.monotonic() + 60
    while is_running(worker):  # nothing goes on behind the back of the next worker
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert_succeeded_once(client, finished(client, job_id), "worker_lost")


def freeze(worker: int, database: Path) -> None:
    """Stop a process, but not in the middle of a write: SQLite lets nobody else write then."""
    while True:
        os.kill(worker, signal.SIGSTOP)
        connection = sqlite3.connect(database, timeout=0.5, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError:
            os.kill(worker, signal.SIGCONT)
        else:
            return
        finally:
            connection.close()


@pytest.mark.long
def test_a_frozen_worker_that_comes_back_does_no_harm(
    platform: BackgroundStack, client: Client, document: bytes
) -> None:
    job_id, worker = running(client, document)
    freeze(worker, platform.folder / "backbone.db")
    try:
        job = finished(client, job_id)
        assert_succeeded_once(client, job, "worker_lost")
    finally:
        os.kill(worker, signal.SIGCONT)
    time.sleep(2)
    assert client.job(job_id) == job


def test_a_worker_that_is_told_to_stop_gives_the_job_back(client: Client, document: bytes) -> None:
    job_id, worker = running(client, document)
    os.kill(worker, signal.SIGQUIT)  # what the worker tells its processes when it has to stop
    assert_succeeded_once(client, finished(client, job_id), "worker_stopped")


def test_a_cancel_reaches_the_worker(client: Client, document: bytes) -> None:
    job_id, _ = running(client, document)
    client.cancel(job_id)
    job = finished(client, job_id)
    assert job["status"] == "cancelled"
    assert job["progress"]["done"] + 1 < job["progress"]["total"]  # not only after the last check
