"""A worker is killed around calls to a model: what was answered is not asked again.

A call that was under way may be billed once more, and then it is shown as unsettled.
"""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from backbone.client import Client
from backbone.scripted_llm.process import ScriptedServer
from tests.chaos.documents import body_of, small_document
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
            kill_at(point, job_id, rig, client, scripted, script="kills")
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


REPAIRS = 5
BETWEEN = ("settled", "tried", "under way", "settled", "reserved")
"""Where a job is when the worker dies, which is asked for repair after repair"""
# What the tools say of it is another thing each time
_FAILS = {"json": {"code": 'raise HTTPException(409, f"{uuid4()} {utc_now()}")'}}
_PASSES = {"json": {"code": 'return {"value": 1}'}}
RULE: dict[str, Any] = {
    "name": "one",
    "method": "GET",
    "description": "Return the number one.",
    "returns": {"value": "Integer"},
    "examples": [{"call": {}, "expect": {"returns": {"value": 1}}}],
}


@pytest.mark.long
@pytest.mark.timeout(300)
def test_no_repair_of_code_is_bought_twice(tmp_path: Path) -> None:
    body = body_of(small_document(0) | {"operations": [RULE]})
    killed_between_repairs(tmp_path, body, _FAILS, _PASSES, BETWEEN)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_no_repair_of_a_design_is_bought_twice(tmp_path: Path) -> None:
    designed = {name: value for name, value in small_document(0).items() if name != "run"}
    body = json.dumps({"prompt": "shelves", "run": {"verify": "none"}}).encode()
    wrong = {"json": designed | {"db_type": "oracle"}}
    points = [point for point in BETWEEN if point != "tried"]
    killed_between_repairs(tmp_path, body, wrong, {"json": designed}, points)


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("code", ["operation_unproven", "design_failed"])
def test_a_retry_buys_what_comes_after_what_there_is(tmp_path: Path, code: str) -> None:
    wrong, right = _FAILS, _PASSES
    body = body_of(small_document(0) | {"operations": [RULE]})
    if code == "design_failed":
        designed = {name: value for name, value in small_document(0).items() if name != "run"}
        wrong, right = {"json": {"schema": []}}, {"json": designed}
        body = json.dumps({"prompt": "shelves", "run": {"verify": "none"}}).encode()
    with (
        ScriptedServer(tmp_path / "scripts") as server,
        embedded(tmp_path) as stores,
        Rig(tmp_path, stores, **provided_by(server, "retry"), MAX_REPAIRS="1") as rig,
        Client(rig.url, rig.key("retrying")) as client,
    ):
        server.script("retry", wrong | {"times": 4}, right | {"times": None})
        job_id, billed = str(client.submit(body)["id"]), 0
        for _ in range(2):
            job = finished(client, job_id, 60)
            billed += 2
            assert job["error"]["code"] == code, job["error"]
            assert job["error"]["retryable"] is True
            assert server.record("retry").billed == billed
            if code == "operation_unproven":
                [result] = client.report(job_id)["operations"]
                assert (result["outcome"], result["draft"]) == ("unproven", _FAILS["json"]["code"])
                files = httpx.get(
                    f"{rig.url}{job['links']['self']}/files",
                    headers={"X-API-Key": rig.key("retrying")},
                )
                assert "app/operations/one.py" in files.text
            job_id = str(client.retry(job_id)["id"])
        job = finished(client, job_id, 60)
        assert job["status"] == "succeeded", job["error"]
        assert server.record("retry").billed == billed + 1
        assert job["usage"]["llm_calls"] == 1


def killed_between_repairs(
    tmp_path: Path,
    body: bytes,
    wrong: dict[str, Any],
    right: dict[str, Any],
    points: Sequence[str],
) -> None:
    """Run a job whose model is wrong until the last repair; its worker dies at each point."""
    settings = {"MAX_REPAIRS": str(REPAIRS)}
    slow = {"delay_seconds": _ANSWERS_AFTER_SECONDS}
    with (
        ScriptedServer(tmp_path / "scripts") as server,
        embedded(tmp_path) as stores,
        Rig(tmp_path, stores, **provided_by(server, "repairs"), **settings) as rig,
        Client(rig.url, rig.key("killed")) as client,
    ):
        server.script("repairs", wrong | slow | {"times": REPAIRS}, right | slow | {"times": None})
        job_id = str(client.submit(body)["id"])
        for point in points:
            kill_at(point, job_id, rig, client, server, script="repairs")
        job = finished(client, job_id, 120)
        assert job["status"] == "succeeded", f"{job['error']}\n{rig.log}"
        lost = Counter(attempt["outcome"] for attempt in job["attempts"])["worker_lost"]
        assert lost == len(points)

        statuses = Counter(row.status for row in calls_of(rig, job_id))
        assert set(statuses) <= {"settled", "unsettled"}
        assert statuses["unsettled"] <= len(points)  # no two calls are under way at once
        record = server.record("repairs")
        asked = Counter(turn_of(call.body) for call in record.calls)
        again = sum(times - 1 for times in asked.values())
        assert again <= statuses["unsettled"], asked
        assert record.billed == statuses["settled"] + again
        # Each turn was answered once: no other question took the place of one that was answered
        assert statuses["settled"] == len(asked)
        assert len(asked) <= 1 + REPAIRS


def turn_of(body: dict[str, Any]) -> tuple[int, str]:
    """Which turn of the conversation a call is for, whatever else it says."""
    messages = body["messages"]
    return len(messages), str(messages[-1]["content"]).rpartition("This is repair")[2][:4]


def kill_at(
    point: str, job_id: str, rig: Rig, client: Client, scripted: ScriptedServer, *, script: str
) -> None:
    """Kill the process that runs the job, when its next call has come that far."""

    def settled() -> int:
        return sum(row.status == "settled" for row in calls_of(rig, job_id))

    def tried() -> int:
        return len(list(rig.artifacts_folder.glob(f"jobs/{job_id}/checkpoints/implement-*")))

    number, known, paid = len(scripted.record(script).calls), calls_of(rig, job_id), settled()
    kept = tried()
    reached = {
        "reserved": lambda: len(calls_of(rig, job_id)) > len(known),
        "under way": lambda: len(scripted.record(script).calls) > number,
        "answered": lambda: bool(scripted.record(script).answered & {number, number + 1}),
        "settled": lambda: settled() > paid,
        "tried": lambda: tried() > kept,
    }
    wait_until(reached[point], _GOES_ON_WITHIN_SECONDS, f"no call was {point}\n{rig.log}")
    worker = int(client.job(job_id)["attempts"][-1]["worker"].split(":")[1])
    os.kill(worker, signal.SIGKILL)
