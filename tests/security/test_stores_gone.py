"""What stores that are gone or don't answer open: nothing."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from tests.contract.conftest import MountedApi
from tests.security.test_tenancy import NEVER

HIGH = "100000/minute"


def routes(api: MountedApi) -> list[tuple[str, str]]:
    """(method, path) of all routes under the prefix, with ids that never were."""
    ids = NEVER | dict.fromkeys(("key_id", "caller", "caller_id", "name", "path"), "x")
    return [
        (method.upper(), template.format(**ids))
        for template, operations in api.described["paths"].items()
        if template.startswith("/api/v1/")
        for method in operations
    ]


@pytest.fixture
async def without_database(start_api: Any) -> MountedApi:
    api: MountedApi = await start_api(rate_limit_public=HIGH, rate_limit_authenticated=HIGH)
    api.services.authenticator.forget()
    api.lose_database()
    return api


async def test_without_the_database_nobody_gets_in(without_database: MountedApi) -> None:
    api = without_database
    for method, path in routes(api):
        for credential in (api.good, api.bearer(scopes=["admin"]), {"X-API-Key": "b" * 40}):
            answer = await api.client.request(method, path, headers=credential, content=b"{}")
            assert answer.status_code == 503, (method, path)
            assert int(answer.headers["Retry-After"]) >= 1
            assert answer.json()["code"] == "database_unavailable"


async def test_without_the_database_a_forged_token_is_one_all_the_same(
    without_database: MountedApi,
) -> None:
    forged = {"Authorization": without_database.bearer(scopes=[])["Authorization"][:-5] + "AAAAA"}
    for credential in (forged, {}):
        answer = await without_database.client.get("/api/v1/jobs", headers=credential)
        assert answer.status_code == 401


async def test_a_locked_database_lets_read_and_says_when_it_can_not_write(
    api: MountedApi, notes: Any
) -> None:
    await api.submit(notes)
    holder = sqlite3.connect(str(api.engine.url.database), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        api.services.authenticator.forget()
        assert (await api.get("/api/v1/jobs")).status_code == 200
        refused = await api.get("/api/v1/jobs", headers={"X-API-Key": "b" * 40})
        assert refused.status_code == 401
        answer = await api.post("/api/v1/generate", notes)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) >= 1
    finally:
        holder.rollback()
        holder.close()
    assert (await api.post("/api/v1/generate", notes)).status_code == 202


async def test_a_locked_database_keeps_no_key_waiting_that_is_used_again(api: MountedApi) -> None:
    fresh = [api.key("jobs:read", caller=f"caller-{number}") for number in range(6)]
    holder = sqlite3.connect(str(api.engine.url.database), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        for headers in (*fresh, {}):
            answer = await api.client.get("/api/v1/jobs", headers=headers)
            assert answer.status_code == (200 if headers else 401)
    finally:
        holder.rollback()
        holder.close()
    # It is noted once somebody can write: nobody waited until that was given up.
    await api.settle()
    unused = [key.caller.name for key in api.keys.list_keys() if key.last_used_at is None]
    assert unused == ["default"]


async def test_without_redis_a_thousand_invented_keys_are_limited_like_one(start_api: Any) -> None:
    api: MountedApi = await start_api(redis_url="redis://127.0.0.1:1/0")
    statuses = []
    for number in range(1000):
        headers = {"X-API-Key": f"bb_{number:040}"}
        statuses.append((await api.get("/api/v1/jobs", headers=headers)).status_code)
    assert statuses == [401] * 20 + [429] * 980
    assert (await api.get("/api/v1/jobs")).status_code == 200
