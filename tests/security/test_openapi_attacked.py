"""The API does what `/openapi.json` says, whatever schemathesis makes of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.conftest import NOTES
from tests.served_api import ServedApi

_CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance,use_after_free,ignored_auth"
)
_LONGEST_SECONDS = "5"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ServedApi]:
    """A real process; nobody works on its jobs, and nobody is counted."""
    with ServedApi(tmp_path, {"ENABLE_RATE_LIMITING": "false"}) as running:
        yield running


class Attack:
    """One run of schemathesis against all operations, in all of `phases`."""

    def __init__(self, served: ServedApi, folder: Path, root: Path) -> None:
        self._served = served
        self._folder = folder
        self._root = root

    def run(self, *arguments: str, known: bool, seed: int = 1) -> dict[str, Any]:
        """What it reports; with a good key on each request if `known`."""
        job, batch = self._make_something()
        report, spoken = self._folder / "report.json", self._folder / "spoken.ndjson"
        command: list[str | Path] = [
            Path(sys.executable).with_name("schemathesis"),
            *("run", f"{self._served.url}/openapi.json"),
            *("--checks", _CHECKS, "--max-response-time", _LONGEST_SECONDS),
            *("--seed", str(seed), "--generation-database", "none"),
            *("--suppress-health-check", "all", "--no-shrink", "--no-color"),
            # One at a time: Python 3.11 fails now and then to parse sources in two threads at once,
            # as Hypothesis does
            *("--continue-on-failure", "--workers", "1"),
            *("--report", "json,ndjson"),
            *("--report-json-path", report, "--report-ndjson-path", spoken),
            *arguments,
        ]
        (self._folder / "schemathesis.toml").unlink(missing_ok=True)
        if known:
            # Not as an argument: those can be read by everybody
            told = f'[headers]\nX-API-Key = "{self._served.api_key}"\n'
            (self._folder / "schemathesis.toml").write_text(told, encoding="utf-8")
            command += ["--generation-with-security-parameters", "false"]
        finished = subprocess.run(
            command,
            cwd=self._folder,
            env=os.environ
            | {"SCHEMATHESIS_HOOKS": "tests.security.openapi_hooks"}
            | {"PYTHONPATH": str(self._root), "THERE_JOB": job, "THERE_BATCH": batch},
            capture_output=True,
            text=True,
            check=False,
        )
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        found["statuses"] = _statuses(spoken)
        statuses = dict(sorted(found["statuses"].items()))
        sys.stdout.write(f"{statuses}, {self._served.memory_bytes()} bytes in memory\n")
        assert finished.returncode == 0, finished.stdout[-6000:]
        assert (found["failures"], found["errors"]) == ([], [])
        assert found["operations"]["tested"] == found["operations"]["total"] > 30
        return found

    def _make_something(self) -> tuple[str, str]:
        good = self._served.good
        url = f"{self._served.url}/api/v1"
        job = httpx.post(f"{url}/generate", headers=good, json=NOTES)
        line = json.dumps({"custom_id": "a", "body": NOTES})
        kind = {"Content-Type": "application/jsonl"}
        batch = httpx.post(f"{url}/batches", headers=good | kind, content=line)
        return job.json()["id"], batch.json()["id"]


def _statuses(spoken: Path) -> Counter[int]:
    """How often which status was answered."""
    found: Counter[int] = Counter()

    def count(value: Any) -> None:
        if isinstance(value, dict):
            answer = value.get("response")
            if isinstance(answer, dict) and "status_code" in answer:
                found[answer["status_code"]] += 1
            for part in value.values():
                count(part)
        elif isinstance(value, list):
            for part in value:
                count(part)

    with spoken.open(encoding="utf-8") as lines:
        for line in lines:
            count(json.loads(line))
    return found


@pytest.fixture
def attack(served: ServedApi, tmp_path: Path, root: Path) -> Attack:
    return Attack(served, tmp_path, root)


def test_a_short_attack_finds_nothing_that_is_not_documented(attack: Attack) -> None:
    found = attack.run("--phases", "examples,fuzzing", "--max-examples", "4", known=True)
    assert found["statuses"][200] > 10
    assert sum(found["statuses"].values()) > 100


@pytest.mark.long
def test_a_long_attack_finds_nothing_and_leaves_memory_flat(
    attack: Attack, served: ServedApi
) -> None:
    phases = ("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "30")
    attack.run(*phases, known=True)
    warm = served.memory_bytes()
    known = attack.run(*phases, known=True, seed=2)
    unknown = attack.run(*phases, known=False, seed=3)
    for found in (known, unknown):
        assert found["test_cases"]["generated"] >= 3000
        assert all(phase["status"] == "success" for phase in found["phases"].values())
    assert {200, 202, 204, 400, 404, 405, 409, 415, 422} <= known["statuses"].keys()
    assert not {status for status in unknown["statuses"] if 200 <= status < 300} - {200}
    assert served.memory_bytes() < 1.2 * warm
    assert "Traceback" not in served.log.read_text(encoding="utf-8")
