"""No queue, or no worker: jobs are accepted as ever, wait, and can be stopped."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import func, select

from common import clock
from common.db.tables import job_events, jobs
from tests.chaos import ledger
from tests.chaos.documents import body_of, small_document
from tests.chaos.processes import signal_all
from tests.chaos.rig import Embedded, Rig, embedded

_TIMES_AS_LONG = 20
_CANCELLED = 500


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with embedded(tmp_path_factory.mktemp("stores")) as made:
        yield made


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory, stores: Embedded) -> Iterator[Rig]:
    with Rig(tmp_path_factory.mktemp("rig"), stores) as running:
        yield running


@pytest.fixture
def http(rig: Rig) -> Iterator[httpx.Client]:
    headers = {"X-API-Key": rig.key("alice")}
    with httpx.Client(base_url=rig.url, headers=headers, timeout=30) as client:
        yield client


def submit(http: httpx.Client, number: int) -> str:
    answer = http.post("/api/v1/generate", content=body_of(small_document(number)))
    assert answer.status_code == 202, answer.text
    job_id: str = answer.json()["id"]
    return job_id


def test_without_a_queue_jobs_are_accepted_at_once_and_run_later(
    rig: Rig, stores: Embedded, http: httpx.Client
) -> None:
    def seconds(number: int) -> float:
        began_at = clock.monotonic()
        submit(http, number)
        return clock.monotonic() - began_at

    before = [seconds(number) for number in range(3)]
    stores.kill_queue()
    after = [seconds(number) for number in range(3, 11)]
    usual = sorted(after)[len(after) // 2]
    assert usual < _TIMES_AS_LONG * max(before)  # they don't wait for the queue
    deadline = clock.monotonic() + 60
    while (ready := http.get("/health/readiness")).json()["status"] == "ok":
        assert clock.monotonic() < deadline
        time.sleep(0.1)
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    waiting = select(jobs.c.id).where(jobs.c.finished_at.is_(None))
    assert len(rig.rows(waiting)) >= 6  # two may have been on their way to a worker
    stores.start_queue()
    ledger.wait_until_over(rig, 150)
    entries = ledger.read_entries(rig)
    assert {entry.row.status for entry in entries} == {"succeeded"}


def test_jobs_that_were_cancelled_before_a_worker_came_never_run(
    rig: Rig, http: httpx.Client
) -> None:
    processes = rig.processes
    workers = [*processes.program("worker"), *processes.pool]
    assert len(workers) > 1
    signal_all(workers, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(4) as callers:
            ids = list(callers.map(lambda number: submit(http, number), range(_CANCELLED)))
            statuses = set(callers.map(lambda job_id: cancel(http, job_id), ids))
        assert statuses == {"cancelled"}
    finally:
        signal_all(workers, signal.SIGCONT)
    last = submit(http, _CANCELLED)
    ledger.wait_until_over(rig, 150)
    rows = {entry.row.id: entry.row for entry in ledger.read_entries(rig)}
    assert rows[last].status == "succeeded"
    assert {(rows[each].status, rows[each].attempt_count) for each in ids} == {("cancelled", 0)}
    ran = select(func.count()).where(job_events.c.job_id.in_(ids), job_events.c.status == "running")
    assert rig.rows(ran)[0][0] == 0


def cancel(http: httpx.Client, job_id: str) -> str:
    answer = http.post(f"/api/v1/jobs/{job_id}/cancel")
    assert answer.status_code in {200, 202}, answer.text
    return str(answer.json()["status"])
