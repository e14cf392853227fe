"""Redis may be emptied, stopped and gone: an accepted job is still run, once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backbone.background_stack import BackgroundStack
from backbone.client import Client
from tests.own_valkey import OwnValkey

_ENOUGH_SECONDS = 120


@pytest.fixture
def platform(tmp_path: Path, valkey: OwnValkey) -> Iterator[BackgroundStack]:
    settings = {"REDIS_URL": valkey.url, "RATE_LIMIT_GENERATION": "1000/minute"}
    with BackgroundStack(tmp_path / "data", settings) as running:
        yield running


def small_document(number: int) -> bytes:
    return json.dumps(
        {
            "project_name": f"small-{number}",
            "db_type": "sqlite",
            "schema": [
                {
                    "table_name": "notes",
                    "class_name": "Note",
                    "columns": [{"name": "id", "type": "Integer", "primary_key": True}],
                }
            ],
            "run": {"verify": "none"},
        }
    ).encode()


def outcomes(client: Client, job_ids: list[str]) -> list[tuple[str, int]]:
    """How each job ended, and with how many attempts."""
    ended = []
    for job_id in job_ids:
        deadline = time.monotonic() + _ENOUGH_SECONDS
        for job in client.watch(job_id):
            assert time.monotonic() < deadline, job
        ended.append((job["status"], job["attempt_count"]))
    return ended


def test_an_emptied_redis_loses_no_job(platform: BackgroundStack, valkey: OwnValkey) -> None:
    with Client(platform.api_url, platform.api_key) as client:
        job_ids = []
        for number in range(12):
            job_ids.append(client.submit(small_document(number))["id"])
            valkey.flush()
        assert outcomes(client, job_ids) == [("succeeded", 1)] * 12


def test_a_job_is_accepted_without_redis_and_runs_when_it_is_back(
    platform: BackgroundStack, valkey: OwnValkey
) -> None:
    with Client(platform.api_url, platform.api_key) as client:
        valkey.kill()
        job = client.submit(small_document(0))
        assert job["status"] == "queued"
        assert client.job(job["id"])["status"] == "queued"
        valkey.start()
        assert outcomes(client, [job["id"]]) == [("succeeded", 1)]
