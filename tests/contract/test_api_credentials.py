"""Who may call: keys, tokens, scopes, and what a revoked key takes with it."""

import re
from datetime import timedelta

import pytest
from jose import jwt

from api import auth
from common.security import AUDIENCE, ISSUER

PREFIX = "/api/v1"
JOBS = f"{PREFIX}/jobs"
TOKEN = f"{PREFIX}/auth/token"


def assert_unauthorized(answer) -> None:
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert 'Bearer realm="backbone"' in answer.headers["WWW-Authenticate"]
    assert answer.json()["type"] == "/problems/unauthorized"


@pytest.fixture
def signed(api):
    """Signs claims as they are, with the real secret unless another is given."""

    def sign(claims, *, secret=None, algorithm="HS256", headers=None):
        token = jwt.encode(claims, secret or api.signer.secret, algorithm, headers=headers)
        return {"Authorization": f"Bearer {token}"}

    return sign


@pytest.fixture
def claims(api):
    now = int(api.clock().timestamp())
    return {
        "sub": "default",
        "scopes": ["jobs:read"],
        "iat": now,
        "exp": now + 60,
        "jti": "a-token-of-this-test",
        "iss": ISSUER,
        "aud": AUDIENCE,
    }


async def test_a_key_is_enough(api) -> None:
    assert (await api.get(JOBS)).status_code == 200


async def test_a_token_is_enough(api) -> None:
    made = await api.post(TOKEN, {"scopes": ["jobs:read"]})
    assert made.status_code == 200
    token = made.json()
    assert token == {
        "access_token": token["access_token"],
        "token_type": "bearer",
        "expires_in": 86400,
        "scopes": ["jobs:read"],
    }
    assert made.headers["Cache-Control"] == "no-store"
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    assert (await api.get(JOBS, headers=headers)).status_code == 200
    assert (
        await api.get(
            JOBS, headers={"Authorization": headers["Authorization"].replace("B", "b", 1)}
        )
    ).status_code == 200


async def test_a_token_sees_the_jobs_of_its_caller(api) -> None:
    job_id = await api.submit()
    token = (await api.post(TOKEN, {"scopes": ["jobs:read"]})).json()["access_token"]
    answer = await api.get(f"{JOBS}/{job_id}", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": "x" * 40},
        {"X-API-Key": "x" * 5000},
        {"X-API-Key": b"\xff\xfe" * 20},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer not.a.token"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": "Bearer " + "x" * 5000},
    ],
    ids=str,
)
async def test_unknown_credentials(api, headers) -> None:
    assert_unauthorized(await api.get(JOBS, headers=headers))


async def test_the_key_is_not_taken_for_a_token_nor_the_token_for_a_key(api) -> None:
    key = api.good["X-API-Key"]
    assert_unauthorized(await api.get(JOBS, headers={"Authorization": f"Bearer {key}"}))
    token = api.bearer(scopes=["jobs:read"])["Authorization"].removeprefix("Bearer ")
    assert_unauthorized(await api.get(JOBS, headers={"X-API-Key": token}))


async def test_with_both_both_must_be_good(api) -> None:
    good_token = api.bearer(scopes=["jobs:read"])
    bad_token = {"Authorization": "Bearer not.a.token"}
    assert (await api.get(JOBS, headers=api.good | good_token)).status_code == 200
    assert_unauthorized(await api.get(JOBS, headers=api.good | bad_token))
    assert_unauthorized(await api.get(JOBS, headers={"X-API-Key": "x" * 40} | good_token))


async def test_with_both_they_must_be_of_one_caller(api) -> None:
    other = api.key("jobs:read", caller="other")
    assert_unauthorized(await api.get(JOBS, headers=other | api.bearer(scopes=["jobs:read"])))


async def test_a_credential_that_comes_twice_is_refused(api) -> None:
    twice = [("X-API-Key", api.good["X-API-Key"]), ("X-API-Key", "x" * 40)]
    assert_unauthorized(await api.client.get(JOBS, headers=twice))


async def test_a_token_as_the_first_version_made_them(api, signed, claims) -> None:
    headers = signed(claims | {"sub": "user@example.com", "scopes": ["generate", "validate"]})
    assert (await api.get(JOBS, headers=headers)).status_code == 200
    job_id = await api.submit(headers=headers)
    assert (await api.get(f"{JOBS}/{job_id}", headers=headers)).status_code == 200
    assert (await api.get(f"{JOBS}/{job_id}")).status_code == 404


async def test_a_token_ends(api, signed, claims) -> None:
    headers = signed(claims)
    assert (await api.get(JOBS, headers=headers)).status_code == 200
    api.clock.step(60)  # whatever is still remembered of it
    assert_unauthorized(await api.get(JOBS, headers=headers))


async def test_another_secret_signs_nothing_for_us(api, signed, claims) -> None:
    assert_unauthorized(await api.get(JOBS, headers=signed(claims, secret="y" * 40)))


async def test_a_revoked_key_takes_its_tokens_with_it(api) -> None:
    made = api.keys.create_key(api.callers.ensure("default"), name="k", scopes=["jobs:read"])
    key = {"X-API-Key": made.secret}
    token = (await api.post(TOKEN, {}, headers=key)).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await api.get(JOBS, headers=key)).status_code == 200
    assert (await api.get(JOBS, headers=bearer)).status_code == 200
    api.keys.revoke_key(made.key.id)
    api.services.authenticator.forget()  # what a second does
    assert_unauthorized(await api.get(JOBS, headers=key))
    assert_unauthorized(await api.get(JOBS, headers=bearer))
    assert (await api.get(JOBS)).status_code == 200


def test_a_revoked_key_is_refused_within_a_second() -> None:
    assert auth.REMEMBER_SECONDS <= 1


async def test_a_new_key_of_a_caller_sees_its_jobs(api) -> None:
    first = api.key("generate", caller="acme")
    job_id = await api.submit(headers=first)
    second = api.key("jobs:read", caller="acme")
    assert (await api.get(f"{JOBS}/{job_id}", headers=second)).status_code == 200


SCOPES = ("generate", "validate", "jobs:read", "batches", "admin")
GENERATE = {"generate"}
READ_JOBS = {"generate", "jobs:read", "batches"}
READ_BATCHES = {"batches", "jobs:read"}
ADMIN: set[str] = set()
SCOPED = {
    "POST /generate": GENERATE,
    "POST /design": GENERATE,
    "POST /validate": {"validate"},
    "GET /jobs": READ_JOBS,
    "GET /jobs/{job_id}": READ_JOBS,
    "GET /jobs/{job_id}/artifact": READ_JOBS,
    "GET /jobs/{job_id}/document": READ_JOBS,
    "GET /jobs/{job_id}/events": READ_JOBS,
    "GET /jobs/{job_id}/files": READ_JOBS,
    "GET /jobs/{job_id}/files/{path}": READ_JOBS,
    "GET /jobs/{job_id}/report": READ_JOBS,
    "POST /jobs/{job_id}/cancel": GENERATE,
    "POST /jobs/{job_id}/retry": GENERATE,
    "DELETE /jobs/{job_id}": GENERATE,
    "POST /batches": {"batches"},
    "GET /batches": READ_BATCHES,
    "GET /batches/{batch_id}": READ_BATCHES,
    "GET /batches/{batch_id}/results": READ_BATCHES,
    "GET /batches/{batch_id}/artifact": READ_BATCHES,
    "POST /batches/{batch_id}/cancel": {"batches"},
    "POST /batches/{batch_id}/pause": {"batches"},
    "POST /batches/{batch_id}/resume": {"batches"},
    "POST /batches/{batch_id}/retry-failed": {"batches"},
    "POST /auth/token": set(SCOPES),
    "POST /auth/revoke": set(SCOPES),
    "GET /status": set(SCOPES),
    "GET /usage": set(SCOPES),
    "GET /admin/callers": ADMIN,
    "POST /admin/callers": ADMIN,
    "GET /admin/callers/{caller}": ADMIN,
    "PATCH /admin/callers/{caller}": ADMIN,
    "GET /admin/jobs": ADMIN,
    "GET /admin/jobs/{job_id}": ADMIN,
    "GET /admin/jobs/{job_id}/document": ADMIN,
    "GET /admin/jobs/{job_id}/report": ADMIN,
    "POST /admin/jobs/{job_id}/cancel": ADMIN,
    "GET /admin/keys": ADMIN,
    "POST /admin/keys": ADMIN,
    "POST /admin/keys/revoke-all": ADMIN,
    "GET /admin/keys/{key_id}": ADMIN,
    "POST /admin/keys/{key_id}/rotate": ADMIN,
    "POST /admin/keys/{key_id}/revoke": ADMIN,
    "GET /admin/usage": ADMIN,
}
"""The scopes of which one opens a call, beside `admin`, which opens all of them."""
NO_TOKEN = {"token": "none"}
"""A body that is wrong wherever one is wanted, and takes no token back."""


async def test_scopes(start_api) -> None:
    high = "100000/minute"
    api = await start_api(
        rate_limit_authenticated=high, rate_limit_generation=high, rate_limit_validation=high
    )
    calls = {
        f"{method.upper()} {template.removeprefix(PREFIX)}"
        for template, operations in api.described["paths"].items()
        if template.startswith(PREFIX)
        for method in operations
    }
    assert calls == SCOPED.keys()
    for scope in SCOPES:
        for headers in (api.key(scope), api.bearer(scopes=[scope])):
            for call in sorted(calls):
                method, template = call.split(" ")
                path = PREFIX + re.sub(r"\{\w+\}", "x", template)
                answer = await api.client.request(method, path, headers=headers, json=NO_TOKEN)
                told = (call, scope, answer.text)
                refused = answer.status_code >= 400 and answer.json()["code"]
                if scope in SCOPED[call] | {"admin"}:
                    assert answer.status_code not in {401, 429}, told
                    assert refused != "insufficient_scope", told
                else:
                    assert (answer.status_code, refused) == (403, "insufficient_scope"), told


async def test_a_token_has_no_more_than_its_key(api) -> None:
    narrow = api.key("jobs:read")
    wider = await api.post(TOKEN, {"scopes": ["generate", "jobs:read"]}, headers=narrow)
    assert wider.status_code == 403
    assert wider.json()["detail"].endswith("generate.")
    same = await api.post(TOKEN, {}, headers=narrow)
    assert same.json()["scopes"] == ["jobs:read"]


async def test_a_token_makes_no_token(api) -> None:
    token = (await api.post(TOKEN, {})).json()["access_token"]
    answer = await api.post(TOKEN, {}, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/api_key_required"


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ("[]", 422, ""),
        ('{"scopes": []}', 422, "/scopes"),
        ('{"scopes": "generate"}', 422, "/scopes"),
        ('{"scopes": ["generate", "everything"]}', 422, "/scopes/1"),
        ('{"scopes": ["generate"], "sub/ject": "bob"}', 422, "/sub~1ject"),
        ("{", 400, None),
        ("", 400, None),
    ],
)
async def test_a_wrong_request_for_a_token(api, body, status, pointer) -> None:
    answer = await api.client.post(TOKEN, content=body, headers=api.good)
    assert answer.status_code == status
    if pointer is not None:
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("odd", [5, {}, "generate"])
async def test_a_request_for_too_many_scopes_is_over_a_limit(api, odd) -> None:
    answer = await api.post(TOKEN, {"scopes": ["generate"] * 100 + [odd]})
    assert answer.status_code == 400
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/scopes"]


async def test_the_lifetime_of_a_token_is_a_setting(start_api) -> None:
    api = await start_api(jwt_expiration_hours=0.5)
    token = (await api.post(TOKEN, {})).json()
    assert token["expires_in"] == 1800
    claims = jwt.get_unverified_claims(token["access_token"])
    assert claims["exp"] - claims["iat"] == 1800
    assert claims["iat"] == int(api.clock().timestamp())
    assert claims["sub"] == "default"
    assert claims["key_id"].startswith("key_")


async def test_a_token_promises_no_more_than_its_key_lasts(api) -> None:
    ends_at = api.clock() + timedelta(seconds=90)
    key = api.key("jobs:read", expires_at=ends_at)
    token = (await api.client.post(TOKEN, json={}, headers=key)).json()
    assert token["expires_in"] == 90
    claims = jwt.get_unverified_claims(token["access_token"])
    assert claims["exp"] == int(ends_at.timestamp())


async def test_with_authentication_off_everybody_is_local(start_api) -> None:
    api = await start_api(enable_auth=False, api_key=None, jwt_secret_key=None)
    answer = await api.client.post("/api/v1/generate", content=b"{}")
    assert answer.status_code == 422
    status = await api.client.get("/api/v1/status")
    assert status.json()["auth"] == "off"
    job_id = await api.submit(headers={})
    assert (await api.get(f"{JOBS}/{job_id}", headers={"X-API-Key": "whatever"})).status_code == 200
    assert (await api.post(TOKEN, {}, headers={})).status_code == 403


async def test_no_database_is_no_reason_to_say_that_a_key_is_wrong(start_api) -> None:
    api = await start_api()
    key = api.key("jobs:read")
    api.services.authenticator.forget()
    api.lose_database()
    for _ in range(25):  # more than a stranger may ask in a minute: they are not counted as one
        answer = await api.get(JOBS, headers=key)
        assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.json()["type"] == "/problems/database_unavailable"
    assert answer.headers["X-RateLimit-Limit"] == "20"


def test_expiry_is_counted_from_the_clock_that_was_handed_down(api) -> None:
    headers = api.bearer(scopes=[])
    token = headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.get_unverified_claims(token)
    assert claims["exp"] - claims["iat"] == timedelta(hours=1).total_seconds()
