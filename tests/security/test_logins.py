"""Failed logins cost whoever tries, harm nobody else, and credentials stay out of addresses."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import redis

from api.query_credentials import refuse_credentials
from common.errors import RequestError
from tests.contract.conftest import API_KEY, MountedApi

JOBS = "/api/v1/jobs"
SECRET = "bb_a-secret-that-stands-where-none-belongs-0123456789"
METRICS_TOKEN = "a-token-that-only-the-scraper-here-knows"
NAMES = (
    "api_key",
    "apikey",
    "API-Key",
    "x-api-key",
    "X_API_KEY",
    "key",
    "token",
    "access_token",
    "accessToken",
    "jwt",
    "JWT",
    "authorization",
    "bearer",
    "password",
    "secret",
    "%61pi_key",
    "api%5Fkey",
    "+key",
)


def invented(number: int, prefix: str = "") -> dict[str, str]:
    return {"X-API-Key": f"{prefix or f'bb_{number:05}'}-which-nobody-ever-made-{number:05}"}


def invented_token(number: int, claims: str = "eyJzdWIiOiJkZWZhdWx0In0") -> dict[str, str]:
    return {"Authorization": f"Bearer eyJhbGciOiJIUzI1NiJ9.{claims}.signature-{number:05}"}


async def statuses_from(api: MountedApi, address: str, *attempts: dict[str, str]) -> list[int]:
    async with api.from_address(address) as client:
        return [(await client.get(JOBS, headers=headers)).status_code for headers in attempts]


# How often


async def test_a_thousand_invented_credentials_count_as_their_one_address(api: MountedApi) -> None:
    keys = [invented(number) for number in range(500)]
    tokens = [invented_token(number, claims=f"eyJ{number:05}") for number in range(500)]
    statuses = await statuses_from(api, "198.51.100.1", *keys, *tokens)
    assert statuses == [401] * 20 + [429] * 980
    # Whoever has a good one, at the same address too, is not kept out by that.
    assert await statuses_from(api, "198.51.100.1", api.good, api.key("jobs:read")) == [200, 200]
    assert await statuses_from(api, "198.51.100.2", keys[7], tokens[7]) == [401, 401]
    api.clock.step(60)
    assert await statuses_from(api, "198.51.100.1", *tokens[:21]) == [401] * 20 + [429]


async def test_guesses_at_one_key_are_limited_wherever_they_come_from(api: MountedApi) -> None:
    good = api.key("jobs:read", caller="victim")
    prefix = good["X-API-Key"][:12]
    statuses = [
        status
        for number in range(30)
        for status in await statuses_from(
            api, f"198.51.100.{number}", invented(number, prefix), good
        )
    ]
    assert statuses[::2] == [401] * 20 + [429] * 10
    # A good key is never locked out by those who guess at it, and nor is anybody else.
    assert statuses[1::2] == [200] * 30
    assert await statuses_from(api, "198.51.100.77", invented(1)) == [401]
    api.clock.step(60)
    assert await statuses_from(api, "198.51.100.78", invented(1, prefix)) == [401]


async def test_guesses_at_one_token_are_limited_wherever_they_come_from(api: MountedApi) -> None:
    statuses = [
        (await statuses_from(api, f"198.51.100.{number}", invented_token(number)))[0]
        for number in range(25)
    ]
    assert statuses == [401] * 20 + [429] * 5
    # All tokens begin alike: those that say something else are not meant.
    other = invented_token(1, claims="eyJzdWIiOiJzb21lYm9keSJ9")
    assert await statuses_from(api, "198.51.100.99", other, api.bearer(scopes=["jobs:read"])) == [
        401,
        200,
    ]


async def test_bearers_that_are_no_tokens_do_not_all_count_as_one(api: MountedApi) -> None:
    def bearer(number: int, begin: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {begin}-which-nobody-made-{number:05}"}

    statuses = [
        (await statuses_from(api, f"198.51.100.{number}", bearer(number, "one-word")))[0]
        for number in range(25)
    ]
    assert statuses == [401] * 20 + [429] * 5
    assert await statuses_from(api, "198.51.100.99", bearer(1, "o-other1")) == [401]


async def test_the_tighter_of_both_limits_is_told(api: MountedApi) -> None:
    await statuses_from(api, "198.51.100.1", *[invented(1)] * 5)
    answer = await api.get(JOBS, headers=invented(1))
    assert answer.headers["X-RateLimit-Remaining"] == "14"
    answer = await api.get(JOBS, headers=invented(2))
    assert answer.headers["X-RateLimit-Remaining"] == "18"


async def test_what_was_presented_is_in_no_name_of_a_bucket(
    start_api: Any, valkey_url: str
) -> None:
    api = await start_api(redis_url=valkey_url)
    with redis.Redis.from_url(valkey_url, decode_responses=True) as client:
        client.flushall()
        await statuses_from(api, "198.51.100.1", invented(1), invented_token(1))
        names = "\n".join(client.keys("*"))
    assert names.count("attempt:") == 2
    for told in (*invented(1).values(), *invented_token(1).values()):
        assert told[:8] not in names
        assert told[-8:] not in names


# In the wrong place


def credential_in_query_events(caplog: pytest.LogCaptureFixture) -> int:
    return sum(record.msg == "credential.in_query" for record in caplog.records)


async def test_a_credential_in_the_query_is_refused_and_not_repeated(
    start_api: Any, caplog: pytest.LogCaptureFixture
) -> None:
    api = await start_api(rate_limit_public="1000/minute")
    with caplog.at_level(logging.DEBUG):
        for name in NAMES:
            for headers in ({}, api.good):
                answer = await api.client.get(f"{JOBS}?limit=5&{name}={SECRET}", headers=headers)
                assert answer.status_code == 400, name
                problem = answer.json()
                assert problem["code"] == "credential_in_query"
                assert "header" in problem["detail"]
                assert "replaced" in problem["detail"]
                assert problem["instance"] == JOBS
                assert SECRET not in answer.text + str(answer.headers)
    assert credential_in_query_events(caplog) == 2 * len(NAMES)
    ours = [record for record in caplog.records if not record.name.startswith("httpx")]
    assert SECRET not in str([vars(record) for record in ours])


async def test_every_call_under_the_prefix_refuses_it_as_documented(start_api: Any) -> None:
    high = "100000/minute"
    api = await start_api(rate_limit_authenticated=high, rate_limit_generation=high)
    asked = 0
    for path, operations in api.described["paths"].items():
        if not path.startswith("/api/v1"):
            continue
        for method, operation in operations.items():
            answer = await api.client.request(
                method, f"{path}?api_key={API_KEY}", headers=api.good, content=b"{}"
            )
            assert answer.status_code == 400, (method, path)
            assert answer.json()["code"] == "credential_in_query"
            assert "400" in operation["responses"]
            asked += 1
    assert asked > 20


async def test_no_parameter_of_ours_is_called_like_a_credential(api: MountedApi) -> None:
    parameters = {
        parameter["name"]
        for operations in api.described["paths"].values()
        for operation in operations.values()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query"
    }
    assert {"cursor", "limit", "wait"} <= parameters
    for name in parameters:
        refuse_credentials(f"{name}=1".encode())
    with pytest.raises(RequestError):
        refuse_credentials(b"key=1")


async def test_who_only_tries_credentials_in_the_query_is_limited_too(api: MountedApi) -> None:
    statuses = [
        (await api.client.get(f"{JOBS}?api_key=guess-{number}")).status_code for number in range(25)
    ]
    assert statuses == [400] * 20 + [429] * 5


# Metrics


async def test_metrics_ask_nobody_unless_there_is_a_token_for_them(api: MountedApi) -> None:
    assert (await api.client.get("/metrics")).status_code == 200


async def test_with_a_token_metrics_are_for_its_bearer_alone(
    start_api: Any, caplog: pytest.LogCaptureFixture
) -> None:
    api = await start_api(metrics_token=METRICS_TOKEN)
    for headers in (
        {},
        api.good,
        api.bearer(scopes=["admin"]),
        {"Authorization": METRICS_TOKEN},
        {"Authorization": f"Basic {METRICS_TOKEN}"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {METRICS_TOKEN[:-1]}"},
        {"Authorization": f"Bearer {METRICS_TOKEN}x"},
        {"X-API-Key": METRICS_TOKEN},
        {"Authorization": b"Bearer \xff\xfe"},
    ):
        for method in ("GET", "HEAD"):
            answer = await api.client.request(method, "/metrics", headers=headers)
            assert answer.status_code == 401, headers
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="metrics"'
            assert "backbone_" not in answer.text
    assert sum(record.msg == "login.failed" for record in caplog.records) == 20
    good = {"Authorization": f"bearer {METRICS_TOKEN}"}
    answer = await api.client.get("/metrics", headers=good)
    assert answer.status_code == 200
    assert 'backbone_security_events_total{event="login.failed"} 20.0' in answer.text
    # It opens nothing else.
    assert (await api.client.get(JOBS, headers=good)).status_code == 401
    assert METRICS_TOKEN not in str([vars(record) for record in caplog.records])
