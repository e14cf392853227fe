"""A cancel frees the worker at once, with all that it had started for the job."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backbone.client import Client
from common import clock
from tests.chaos.documents import body_of, small_document
from tests.chaos.rig import Rig, embedded

_FREE_WITHIN_SECONDS = 60
"""Less than a check may take."""
_ENOUGH_SECONDS = 200
_TABLES = 20


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with (
        embedded(tmp_path) as stores,
        Rig(tmp_path, stores, WORKER_PROCESSES="1", JOB_LEASE_SECONDS="15") as running,
    ):
        yield running


def wait_for(find: Callable[[], Any]) -> Any:
    deadline = clock.monotonic() + _ENOUGH_SECONDS
    while not (found := find()):
        assert clock.monotonic() < deadline
        time.sleep(0.05)
    return found


def test_cancelling_a_job_whose_tests_run(rig: Rig) -> None:
    with Client(rig.url, rig.key("alice")) as client:
        first = client.submit(body_of(small_document(0, "fast")))["id"]
        wait_for(lambda: client.job(first)["status"] == "succeeded")
        [worker] = rig.processes.pool
        idle = set(rig.processes.below(worker))  # the sandbox, warm
        assert idle

        document = small_document(1, "full", tables=_TABLES)
        job_id = client.submit(body_of(document))["id"]

        def testing() -> bool:
            job = client.job(job_id)
            assert job["status"] in {"queued", "running"}, job
            return bool(job["stage"] == "verify" and job["progress"]["done"] >= 6)

        wait_for(testing)
        running = set(rig.processes.below(worker)) - idle
        assert running
        stopped = 0
        for process in running:
            if not rig.processes.below(process):  # what is tested does not end by itself
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(process, signal.SIGSTOP)
                    stopped += 1
        assert stopped
        next_id = client.submit(body_of(small_document(2)))["id"]

        asked_at = clock.monotonic()
        client.cancel(job_id)
        wait_for(lambda: client.job(job_id)["status"] == "cancelled")
        wait_for(lambda: not set(rig.processes.below(worker)) - idle)
        seconds = clock.monotonic() - asked_at
        assert seconds < _FREE_WITHIN_SECONDS

        wait_for(lambda: client.job(next_id)["status"] == "succeeded")
        assert rig.processes.pool == [worker]  # nobody had to be killed for it
        assert client.job(next_id)["attempt_count"] == 1
