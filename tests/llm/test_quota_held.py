"""However many workers ask at once, no hour has more calls than it may; everybody gets there."""

from __future__ import annotations

import os
import subprocess
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from backbone.client import Client
from backbone.scripted_llm.process import ScriptedServer
from common.db.tables import jobs
from common.parent_death import die_with_parent
from tests.chaos.rig import Rig, embedded
from tests.llm.platform import (
    ANSWER,
    OVER,
    MovedClock,
    calls_of,
    document_with_rules,
    provided_by,
)

_QUOTA = 30
_JOBS_EACH = 10
_CALLS_EACH = 5
_PROCESSES = 4
_WITHIN_SECONDS = 900
_STEP_SECONDS = 20 * 60
HOUR = timedelta(hours=1)


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_no_hour_has_more_calls_than_it_may(tmp_path: Path) -> None:
    clock = MovedClock(tmp_path / "clock")
    with ScriptedServer(tmp_path / "scripts", clock.variables) as scripted:
        scripted.script("quota", ANSWER | {"delay_seconds": 0.1})
        settings = provided_by(scripted, "quota") | {
            "LLM_TOTAL_CALLS_PER_HOUR": str(_QUOTA),
            "WORKER_PROCESSES": str(_PROCESSES),
        }
        with (
            embedded(tmp_path) as stores,
            Rig(tmp_path, stores, **settings, **clock.variables) as rig,
            another_worker(rig),
        ):
            for caller in ("first", "second"):
                with Client(rig.url, rig.key(caller)) as client:
                    for number in range(_JOBS_EACH):
                        client.submit(document_with_rules(number, _CALLS_EACH))
            move_until_over(rig, clock)
            check_hours([row.reserved_at for row in calls_of(rig)])
            calls = scripted.record("quota").calls
            check_hours([datetime.fromisoformat(call.at) for call in calls])
            assert len(calls) == 2 * _JOBS_EACH * _CALLS_EACH
            check_order(rig)


def move_until_over(rig: Rig, clock: MovedClock) -> None:
    """Put the clock forward, a third of an hour at a time, whenever all that is left waits."""
    deadline = time.monotonic() + _WITHIN_SECONDS
    while True:
        statuses = Counter(row.status for row in rig.rows(select(jobs.c.status)))
        if set(statuses) <= OVER:
            assert set(statuses) == {"succeeded"}, statuses
            return
        assert time.monotonic() < deadline, f"{statuses}\n{rig.log}"
        if set(statuses) <= OVER | {"deferred"}:
            clock.move(_STEP_SECONDS)
        time.sleep(0.5)


def check_hours(moments: list[datetime]) -> None:
    """No hour that ends with a call holds more than the quota; then none at all does."""
    ordered = sorted(moments)
    counts = [
        place + 1 - bisect_right(ordered, moment - HOUR) for place, moment in enumerate(ordered)
    ]
    assert max(counts) <= _QUOTA
    assert max(counts) > _QUOTA - _CALLS_EACH, "nobody was ever held back"
    assert ordered[-1] - ordered[0] > 2 * HOUR


def check_order(rig: Rig) -> None:
    """One caller's jobs came first: the other's do not wait for all of them."""
    found = rig.rows(select(jobs.c.caller_id).order_by(jobs.c.finished_at))
    order = [row.caller_id for row in found]
    first_half = Counter(order[:_JOBS_EACH])
    assert len(first_half) == 2, first_half
    assert min(first_half.values()) >= _JOBS_EACH // 3, first_half


@contextmanager
def another_worker(rig: Rig) -> Iterator[None]:
    """A second worker like the platform's own, as on another machine."""
    [own] = rig.processes.program("worker")
    place = Path(f"/proc/{own}")
    command = [word.decode() for word in (place / "cmdline").read_bytes().split(b"\0") if word]
    variables = dict(
        entry.decode().split("=", 1)
        for entry in (place / "environ").read_bytes().split(b"\0")
        if entry
    )
    parent_id = os.getpid()
    worker = subprocess.Popen(
        [*command, "--hostname=another@%h"],
        env=variables,
        cwd=(place / "cwd").readlink(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: die_with_parent(parent_id),  # noqa: PLW1509 - execs at once
    )
    try:
        yield
        assert worker.poll() is None
    finally:
        worker.terminate()
        try:
            worker.wait(15)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
