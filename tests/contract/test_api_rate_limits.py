"""Each tier, each header and the 429: for good, wrong and missing credentials, GET and POST."""

import json
import re

import pytest
import redis

WRONG = {"X-API-Key": "nobody-has-this-key-nobody-has-this-key"}
MISSING: dict[str, str] = {}

RATES = {
    "rate_limit_public": "3/minute",
    "rate_limit_authenticated": "5/minute",
    "rate_limit_generation": "2/minute;3/hour",
    "rate_limit_validation": "4/minute",
}

# (method, path, status for a good credential, tier of a good credential)
CALLS = [
    ("GET", "/api/v1/jobs", 200, "authenticated"),
    ("GET", "/api/v1/jobs/job_unheard_of", 404, "authenticated"),
    ("GET", "/api/v1/status", 200, "authenticated"),
    ("GET", "/api/v1/usage", 200, "authenticated"),
    ("POST", "/api/v1/jobs/job_unheard_of/cancel", 404, "authenticated"),
    ("DELETE", "/api/v1/jobs/job_unheard_of", 404, "authenticated"),
    ("POST", "/api/v1/auth/token", 200, "authenticated"),
    ("GET", "/api/v1/no/such/route", 404, "authenticated"),
    ("GET", "/api/v1/batches/batch_unheard_of/results", 404, "authenticated"),
    ("POST", "/api/v1/batches/batch_unheard_of/cancel", 404, "authenticated"),
    ("POST", "/api/v1/batches", 415, "generation"),
    ("POST", "/api/v1/batches/batch_unheard_of/retry-failed", 404, "generation"),
    ("PUT", "/api/v1/jobs", 405, "authenticated"),
    ("POST", "/api/v1/generate", 422, "generation"),
    ("POST", "/api/v1/jobs/job_unheard_of/retry", 404, "generation"),
    ("POST", "/api/v1/validate", 200, "validation"),
]
LIMITS = {"public": 3, "authenticated": 5, "generation": 2, "validation": 4}


@pytest.fixture(params=["in this process", "in Redis"])
async def limited(request, start_api):
    """The API with low limits, counted in each of the two ways."""
    more = {}
    if request.param == "in Redis":
        url = request.getfixturevalue("valkey_url")
        with redis.Redis.from_url(url) as client:
            client.flushall()
        more["redis_url"] = url
    return await start_api(**RATES, **more)


async def call(api, method, path, headers):
    body = {"content": b"{}"} if method == "POST" else {}
    return await api.client.request(method, path, headers=headers, **body)


def assert_headers(answer, api, *, tier, remaining):
    limit = LIMITS[tier]
    now = int(api.clock().timestamp())
    assert answer.headers["X-RateLimit-Limit"] == str(limit)
    assert answer.headers["X-RateLimit-Remaining"] == str(remaining)
    assert re.fullmatch(r"\d+", answer.headers["X-RateLimit-Reset"])
    assert now < int(answer.headers["X-RateLimit-Reset"]) <= now + 61
    policy = {
        "public": '"public-60s";q=3;w=60',
        "authenticated": '"authenticated-60s";q=5;w=60',
        "generation": '"generation-60s";q=2;w=60, "generation-3600s";q=3;w=3600',
        "validation": '"validation-60s";q=4;w=60',
    }
    assert answer.headers["RateLimit-Policy"] == policy[tier]
    assert answer.headers["RateLimit"] == f'"{tier}-60s";r={remaining};t=60'


def assert_refused(answer, api, *, tier, path):
    assert answer.status_code == 429
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert_headers(answer, api, tier=tier, remaining=0)
    seconds = int(answer.headers["Retry-After"])
    assert 1 <= seconds <= 60
    problem = answer.json()
    assert problem["type"] == "/problems/rate_limit_exceeded"
    assert problem["status"] == 429
    assert problem["instance"] == path
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert problem["error"] == "Rate limit exceeded"
    assert problem["message"] == "You have exceeded the rate limit. Please try again later."
    assert problem["retry_after"] == seconds


@pytest.mark.parametrize(("method", "path", "status", "tier"), CALLS, ids=str)
async def test_a_good_credential(limited, method, path, status, tier) -> None:
    limit = LIMITS[tier]
    for used in range(1, limit + 1):
        answer = await call(limited, method, path, limited.good)
        assert answer.status_code == status, answer.text
        assert_headers(answer, limited, tier=tier, remaining=limit - used)
        assert "Retry-After" not in answer.headers
    assert_refused(await call(limited, method, path, limited.good), limited, tier=tier, path=path)


@pytest.mark.parametrize("headers", [WRONG, MISSING], ids=["wrong", "missing"])
@pytest.mark.parametrize(("method", "path", "status", "tier"), CALLS, ids=str)
async def test_a_wrong_or_missing_one(
    limited,
    method,
    path,
    *,
    status,  # noqa: ARG001 - of good ones
    tier,  # noqa: ARG001 - of good ones
    headers,
) -> None:
    for used in range(1, 4):
        answer = await call(limited, method, path, headers)
        assert answer.status_code == 401
        assert_headers(answer, limited, tier="public", remaining=3 - used)
        assert "Retry-After" not in answer.headers
    assert_refused(await call(limited, method, path, headers), limited, tier="public", path=path)
    # Who has a good one is not kept out by those who have none, even at the same address.
    good = await call(limited, "GET", "/api/v1/status", limited.good)
    assert good.status_code == 200
    assert_headers(good, limited, tier="authenticated", remaining=4)


async def test_the_window_moves(limited) -> None:
    for _ in range(3):
        await limited.get("/api/v1/jobs")
        limited.clock.step(10)
    for _ in range(2):
        assert (await limited.get("/api/v1/jobs")).status_code == 200
    refused = await limited.get("/api/v1/jobs")
    assert refused.status_code == 429
    # The first of the five was 30 seconds ago: its place becomes free in another 30.
    assert refused.headers["Retry-After"] == "30"
    assert int(refused.headers["X-RateLimit-Reset"]) - limited.clock().timestamp() < 31
    limited.clock.step(30)
    assert (await limited.get("/api/v1/jobs")).status_code == 200
    assert (await limited.get("/api/v1/jobs")).status_code == 429


async def test_what_was_refused_takes_no_place(limited) -> None:
    for _ in range(9):
        await limited.get("/api/v1/jobs")
    limited.clock.step(60)
    answer = await limited.get("/api/v1/jobs")
    assert answer.headers["X-RateLimit-Remaining"] == "4"


async def test_all_windows_hold_and_the_nearest_is_told(limited) -> None:
    first = await limited.post("/api/v1/generate", {})
    assert first.headers["RateLimit"] == '"generation-60s";r=1;t=60'
    await limited.post("/api/v1/generate", {})
    limited.clock.step(60)
    third = await limited.post("/api/v1/generate", {})
    assert third.status_code == 422
    # One is left this minute, none this hour.
    assert third.headers["X-RateLimit-Limit"] == "3"
    assert third.headers["X-RateLimit-Remaining"] == "0"
    assert third.headers["RateLimit"] == '"generation-3600s";r=0;t=3540'
    refused = await limited.post("/api/v1/generate", {})
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "3540"
    assert refused.json()["retry_after"] == 3540
    limited.clock.step(3540)
    assert (await limited.post("/api/v1/generate", {})).status_code == 422


async def test_a_request_counts_in_one_tier(limited) -> None:
    for _ in range(4):
        await limited.post("/api/v1/validate", {})
    await limited.post("/api/v1/generate", {})
    answer = await limited.get("/api/v1/jobs")
    assert answer.headers["X-RateLimit-Remaining"] == "4"


async def test_a_bucket_belongs_to_the_verified_caller(limited) -> None:
    other_key = limited.key("jobs:read")
    stranger = limited.key("jobs:read", caller="somebody else")
    token = limited.bearer(scopes=["jobs:read"])
    assert (await limited.get("/api/v1/jobs")).headers["X-RateLimit-Remaining"] == "4"
    another = await limited.get("/api/v1/jobs", headers=other_key)
    assert another.headers["X-RateLimit-Remaining"] == "3"
    async with limited.from_address("198.51.100.20") as elsewhere:
        by_token = await elsewhere.get("/api/v1/jobs", headers=token)
        assert by_token.headers["X-RateLimit-Remaining"] == "2"
    answer = await limited.get("/api/v1/jobs", headers=stranger)
    assert answer.headers["X-RateLimit-Remaining"] == "4"


async def test_an_invented_credential_lifts_no_limit(limited) -> None:
    statuses = []
    for number in range(5):
        answer = await limited.get("/api/v1/jobs", headers={"X-API-Key": f"invented-{number}" * 5})
        statuses.append(answer.status_code)
    assert statuses == [401, 401, 401, 429, 429]


async def test_addresses_have_their_own_buckets(limited) -> None:
    for _ in range(4):
        await limited.get("/api/v1/jobs", headers=MISSING)
    async with limited.from_address("198.51.100.20") as elsewhere:
        assert (await elsewhere.get("/api/v1/jobs")).status_code == 401


async def test_a_wrong_body_counts(limited) -> None:
    statuses = [
        (
            await limited.client.post("/api/v1/generate", content=b"{", headers=limited.good)
        ).status_code
        for _ in range(3)
    ]
    assert statuses == [400, 400, 429]


async def test_too_small_a_scope_counts_as_the_caller(limited) -> None:
    headers = limited.key("jobs:read")
    answers = [await limited.post("/api/v1/generate", {}, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [403, 403, 429]
    assert answers[0].headers["X-RateLimit-Limit"] == "2"


@pytest.mark.parametrize(
    "path",
    [
        "/health",
        "/health/liveness",
        "/health/readiness",
        "/health/detailed",
        "/metrics",
        "/docs",
        "/redoc",
        "/openapi.json",
    ],
)
async def test_what_is_outside_is_exempt(limited, path) -> None:
    for _ in range(8):
        answer = await limited.get(path, headers=MISSING)
        assert answer.status_code == 200
        assert not [name for name in answer.headers if "ratelimit" in name.lower()]
    inside = await limited.get("/api/v1/jobs", headers=MISSING)
    assert inside.headers["X-RateLimit-Remaining"] == "2"


async def test_x_forwarded_for_is_believed_from_trusted_proxies_only(start_api) -> None:
    api = await start_api(**RATES, address="10.1.2.3", trusted_proxies=("10.0.0.0/8", "192.0.2.9"))

    async def remaining(client, forwarded):
        answer = await client.get("/api/v1/jobs", headers={"X-Forwarded-For": forwarded})
        return answer.headers["X-RateLimit-Remaining"]

    assert await remaining(api.client, "198.51.100.1") == "2"
    assert await remaining(api.client, "198.51.100.2") == "2"
    # What stands left of the last hop that nobody vouches for is the caller's own invention.
    assert await remaining(api.client, "198.51.100.77, 198.51.100.1, 192.0.2.9") == "1"
    assert await remaining(api.client, "1.2.3.4, 198.51.100.1") == "0"
    async with api.from_address("203.0.113.50") as untrusted:
        assert await remaining(untrusted, "198.51.100.3") == "2"
        assert await remaining(untrusted, "198.51.100.4") == "1"


async def test_switched_off_there_are_no_limits_and_no_headers(start_api) -> None:
    api = await start_api(**RATES, enable_rate_limiting=False)
    for _ in range(8):
        answer = await api.get("/api/v1/jobs")
        assert answer.status_code == 200
        assert "X-RateLimit-Limit" not in answer.headers


async def test_without_authentication_the_one_caller_has_the_buckets(start_api) -> None:
    api = await start_api(**RATES, enable_auth=False)
    for remaining in (4, 3):
        answer = await api.get("/api/v1/jobs", headers=MISSING)
        assert_headers(answer, api, tier="authenticated", remaining=remaining)
    answer = await api.post("/api/v1/generate", {}, headers=MISSING)
    assert_headers(answer, api, tier="generation", remaining=1)


async def test_a_refused_preflight_and_a_failure_say_how_it_stands(limited) -> None:
    await limited.get("/api/v1/jobs", headers=MISSING)
    # No guard stands before a method that no route knows of.
    answer = await limited.client.request("BREW", "/api/v1/jobs")
    assert answer.status_code == 405
    assert_headers(answer, limited, tier="public", remaining=2)


async def test_default_rates(api) -> None:
    assert (await api.get("/api/v1/jobs")).headers["X-RateLimit-Limit"] == "100"
    assert (await api.get("/api/v1/jobs", headers=MISSING)).headers["X-RateLimit-Limit"] == "20"
    assert (await api.post("/api/v1/validate", {})).headers["X-RateLimit-Limit"] == "50"
    generation = await api.post("/api/v1/generate", {})
    assert generation.headers["X-RateLimit-Limit"] == "10"
    assert (
        generation.headers["RateLimit-Policy"]
        == '"generation-60s";q=10;w=60, "generation-3600s";q=50;w=3600'
    )
    rates = (await api.get("/api/v1/status")).json()["limits"]["rates"]
    assert json.dumps(rates, sort_keys=True) == json.dumps(
        {
            "authenticated": "100/minute",
            "generation": "10/minute;50/hour",
            "public": "20/minute",
            "validation": "50/minute",
        }
    )
