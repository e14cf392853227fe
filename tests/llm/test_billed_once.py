"""A worker is killed around calls to a model: what was answered is not asked again.

A call that was under way may be billed once more, and then it is shown as unsettled.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from backbone.client import Client
from backbone.scripted_llm.process import ScriptedServer
from tests.chaos.rig import Rig, embedded
from tests.llm.platform import (
    ANSWER,
    calls_of,
    document_with_rules,
    finished,
    provided_by,
    wait_until,
)

_CALLS = 12
_ANSWERS_AFTER_SECONDS = 0.5
_GOES_ON_WITHIN_SECONDS = 60

POINTS = ("reserved", "under way", "answered", "settled", "settled") * 2
"""Where a call is when the worker dies"""


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[ScriptedServer]:
    with ScriptedServer(tmp_path / "scripts") as server:
        server.script("kills", ANSWER | {"delay_seconds": _ANSWERS_AFTER_SECONDS})
        yield server


@pytest.mark.long
@pytest.mark.timeout(600)
def test_no_answer_is_bought_twice(scripted: ScriptedServer, tmp_path: Path) -> None:
    with (
        embedded(tmp_path) as stores,
        Rig(tmp_path, stores, **provided_by(scripted, "kills")) as rig,
        Client(rig.url, rig.key("killed")) as client,
    ):
        undisturbed = finished(client, client.submit(document_with_rules(0, _CALLS))["id"], 120)
        assert undisturbed["status"] == "succeeded", undisturbed["error"]
        assert scripted.record("kills").billed == _CALLS

        job_id = str(client.submit(document_with_rules(1, _CALLS))["id"])
        for point in POINTS:
            kill_at(point, job_id, rig, client, scripted)
        job = finished(client, job_id, 120)
        assert job["status"] == "succeeded", f"{job['error']}\n{rig.log}"
        outcomes = Counter(attempt["outcome"] for attempt in job["attempts"])
        assert outcomes == {"worker_lost": len(POINTS), "succeeded": 1}

        record = scripted.record("kills")
        billed = record.billed - _CALLS
        statuses = Counter(row.status for row in calls_of(rig, job_id))
        in_flight = len(POINTS) - POINTS.count("settled")
        assert statuses["settled"] == _CALLS
        assert statuses["unsettled"] <= in_flight
        assert set(statuses) <= {"settled", "unsettled"}
        assert _CALLS <= billed <= _CALLS + statuses["unsettled"]
        usage = httpx.get(
            f"{rig.url}/api/v1/usage", headers={"X-API-Key": rig.key("killed")}
        ).json()
        shown = [call for call in usage["unsettled"] if call["job_id"] == job_id]
        assert len(shown) == statuses["unsettled"]
        assert job["usage"]["llm_calls"] == _CALLS + statuses["unsettled"]


def kill_at(point: str, job_id: str, rig: Rig, client: Client, scripted: ScriptedServer) -> None:
    """Kill the process that runs the job, when its next call has come that far."""

    def settled() -> int:
        return sum(row.status == "settled" for row in calls_of(rig, job_id))

    number, known, paid = len(scripted.record("kills").calls), calls_of(rig, job_id), settled()
    reached = {
        "reserved": lambda: len(calls_of(rig, job_id)) > len(known),
        "under way": lambda: len(scripted.record("kills").calls) > number,
        "answered": lambda: bool(scripted.record("kills").answered & {number, number + 1}),
        "settled": lambda: settled() > paid,
    }
    wait_until(reached[point], _GOES_ON_WITHIN_SECONDS, f"no call was {point}\n{rig.log}")
    worker = int(client.job(job_id)["attempts"][-1]["worker"].split(":")[1])
    os.kill(worker, signal.SIGKILL)
