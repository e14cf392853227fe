"""What callers change, and are refused, stands in the log; what they only read does not."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.contract.conftest import MountedApi


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Any:
    """The lines of requests so far, as (method, route, status, caller, key, request id)."""
    caplog.set_level(logging.INFO, logger="backbone.access")

    def lines() -> list[tuple[Any, ...]]:
        names = ("method", "route", "status", "caller_id", "key_id", "request_id")
        return [
            tuple(vars(record)[name] for name in names)
            for record in caplog.records
            if record.getMessage() == "request.answered"
        ]

    return lines


async def test_a_change_is_told_with_who_made_it(api: MountedApi, told: Any, notes: Any) -> None:
    made = await api.post("/api/v1/generate", notes)
    (line,) = told()
    assert line[:4] == ("POST", "/api/v1/generate", 202, "default")
    assert line[4].startswith("key_")
    assert line[5] == made.headers["X-Request-ID"]


async def test_reading_is_not_told_and_being_refused_is(api: MountedApi, told: Any) -> None:
    assert (await api.get("/api/v1/jobs")).status_code == 200
    assert told() == []
    await api.get("/api/v1/jobs/job_that_never_was")
    await api.get("/api/v1/nothing/here")
    await api.post("/api/v1/generate", {"project_name": 1})
    assert [(line[1], line[2]) for line in told()] == [
        ("/api/v1/jobs/{job_id}", 404),
        ("unknown_route", 404),
        ("/api/v1/generate", 422),
    ]


async def test_strangers_and_floods_write_no_such_line(start_api: Any, told: Any) -> None:
    api = await start_api(rate_limit_authenticated="1/minute")
    await api.get("/api/v1/jobs", headers={"X-API-Key": "x" * 40})
    for _ in range(5):
        await api.get("/api/v1/jobs")
    assert told() == []
