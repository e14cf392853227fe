"""Administration: nobody gets at it from below, and nobody gets more out of it than is theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from common import callers as callers_module
from tests.contract.conftest import MountedApi

ADMIN = "/api/v1/admin"
KEYS = f"{ADMIN}/keys"
NEW = {"caller": "default", "name": "stays", "scopes": ["admin"]}
HIGH = "100000/minute"


@pytest.fixture
async def api(start_api: Any) -> MountedApi:
    """With limits that no test here meets."""
    api: MountedApi = await start_api(rate_limit_authenticated=HIGH, rate_limit_public=HIGH)
    return api


def admin_routes(api: MountedApi) -> Iterator[tuple[str, str]]:
    """(method, path) of every call of administration, with ids of things that are there."""
    there = {"caller": "default", "key_id": api.keys.list_keys()[0].id, "job_id": "job_x"}
    for template, operations in api.described["paths"].items():
        if template.startswith(ADMIN):
            for method in operations:
                yield method.upper(), template.format(**there)


async def test_no_scope_but_admin_opens_administration(api: MountedApi) -> None:
    routes = list(admin_routes(api))
    assert len(routes) >= 13
    scopes = ("generate", "validate", "jobs:read", "batches")
    for headers in (api.key(*scopes), api.bearer(scopes=list(scopes))):
        for method, path in routes:
            answer = await api.client.request(method, path, headers=headers, content=b"{}")
            assert answer.status_code == 403, (method, path)
            assert answer.json()["code"] == "insufficient_scope"
    for method, path in routes:
        answer = await api.client.request(method, path, content=b"{}")
        assert answer.status_code == 401, (method, path)
    assert {key.revoked_at for key in api.keys.list_keys()} == {None}


async def test_who_is_not_admin_makes_no_key_of_any_kind(api: MountedApi) -> None:
    before = len(api.keys.list_keys())
    headers = api.key("generate", "validate", "jobs:read", "batches")
    for scopes in (["admin"], ["generate"]):
        answer = await api.post(KEYS, NEW | {"scopes": scopes}, headers=headers)
        assert answer.status_code == 403
    assert len(api.keys.list_keys()) == before + 1


async def test_with_authentication_off_nobody_administers(start_api: Any) -> None:
    api = await start_api(enable_auth=False)
    for method, path in admin_routes(api):
        answer = await api.client.request(method, path, content=b"{}")
        assert (answer.status_code, answer.json()["code"]) == (403, "authentication_off"), path
    assert len(api.keys.list_keys()) == 1


async def test_a_token_makes_nothing_that_outlives_it(api: MountedApi) -> None:
    made = (await api.post("/api/v1/auth/token", {})).json()
    own_key = api.keys.list_keys()[0].id
    for bearer in (
        {"Authorization": f"Bearer {made['access_token']}"},
        api.bearer(scopes=["admin"]),
    ):
        for method, path, body in (
            ("POST", KEYS, NEW),
            ("POST", f"{KEYS}/{own_key}/rotate", {}),
            ("POST", f"{ADMIN}/callers", {"name": "stays"}),
            ("PATCH", f"{ADMIN}/callers/default", {"quotas": {"calls": "unlimited"}}),
        ):
            answer = await api.client.request(method, path, json=body, headers=bearer)
            assert (answer.status_code, answer.json()["code"]) == (403, "api_key_required")
        assert (await api.get(KEYS, headers=bearer)).status_code == 200
    assert len(api.keys.list_keys()) == 1
    assert api.callers.find("stays") is None


async def test_a_secret_is_shown_once_and_kept_nowhere(
    api: MountedApi, caplog: pytest.LogCaptureFixture
) -> None:
    made = await api.post(KEYS, NEW)
    rotated = await api.post(f"{KEYS}/{made.json()['id']}/rotate", {})
    for answer in (made, rotated):
        assert answer.headers["Cache-Control"] == "no-store"
    secrets = [answer.json()["key"] for answer in (made, rotated)]
    told = [(await api.get(f"{KEYS}/{made.json()['id']}")).text, (await api.get(KEYS)).text]
    written = "".join(str(vars(line)) for line in caplog.records)
    assert f"'key_id': '{made.json()['id']}'" in written
    for secret in secrets:
        assert not any(secret in text for text in (*told, written))


async def test_who_did_it_is_in_the_log(api: MountedApi, caplog: pytest.LogCaptureFixture) -> None:
    own_key = api.keys.list_keys()[0].id
    made = (await api.post(KEYS, NEW)).json()["id"]
    await api.post(f"{KEYS}/{made}/rotate", {})
    await api.post(f"{KEYS}/{made}/revoke")
    lines = [vars(line) for line in caplog.records if line.name == "backbone.security"]
    done = {line["msg"]: line["by"] for line in lines if line.get("key_id") == made}
    assert done == dict.fromkeys(("key.made", "key.rotated", "key.revoked"), own_key)


async def test_what_a_stolen_key_made_is_revoked_with_it(api: MountedApi) -> None:
    stolen = (await api.post(KEYS, NEW | {"scopes": ["admin"]})).json()
    presented = {"X-API-Key": stolen["key"]}
    first = (await api.post(KEYS, NEW | {"scopes": ["admin"]}, headers=presented)).json()
    second = await api.post(KEYS, NEW, headers={"X-API-Key": first["key"]})
    assert (first["made_by"], second.json()["made_by"]) == (stolen["id"], first["id"])
    honest = (await api.post(KEYS, NEW)).json()
    wrong = await api.post(f"{KEYS}/{stolen['id']}/revoke", {"and_made": "yes"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/and_made")
    done = await api.post(f"{KEYS}/{stolen['id']}/revoke", {"and_made": True})
    assert (done.status_code, done.json()["state"]) == (200, "revoked")
    states = {key["id"]: key["state"] for key in (await api.get(KEYS)).json()["items"]}
    for key in (stolen, first, second.json()):
        assert states[key["id"]] == "revoked"
    assert states[honest["id"]] == "good"


async def test_an_admin_key_sees_its_own_alone_where_everybody_looks(api: MountedApi) -> None:
    theirs = await api.submit(headers=api.key("generate", caller="acme"))
    assert (await api.get("/api/v1/jobs")).json()["items"] == []
    assert (await api.get(f"/api/v1/jobs/{theirs}")).status_code == 404
    assert (await api.get(f"{ADMIN}/jobs/{theirs}")).json()["caller"] == "acme"


async def test_a_key_that_is_revoked_while_its_request_comes_in_makes_no_key(
    api: MountedApi,
) -> None:
    before = api.keys.list_keys()
    spare = api.key("admin")
    (doer,) = {key.id for key in api.keys.list_keys()} - {key.id for key in before}

    async def slowly(body: bytes) -> AsyncIterator[bytes]:
        yield body[:1]
        api.keys.revoke_key(doer)  # somebody else, in another process: nothing is forgotten here
        yield body[1:]

    answers = [
        await api.client.post(
            KEYS,
            headers=spare,
            content=slowly(b'{"caller": "default", "name": "stays", "scopes": ["admin"]}'),
        ),
        await api.client.post(
            f"{KEYS}/{before[0].id}/rotate", headers=spare, content=slowly(b'{"overlap_seconds":0}')
        ),
    ]
    for answer in answers:
        assert answer.status_code == 401
        assert answer.json()["detail"] == "The credential is not valid."
        assert 'Bearer realm="backbone"' in answer.headers["WWW-Authenticate"]
    assert len(api.keys.list_keys()) == len(before) + 1


async def test_a_key_that_is_revoked_while_its_request_comes_in_changes_nothing(
    api: MountedApi,
) -> None:
    before = {key.id for key in api.keys.list_keys()}

    async def slowly(body: bytes) -> AsyncIterator[bytes]:
        yield body[:1]
        for key in api.keys.list_keys():
            if key.id not in before:
                api.keys.revoke_key(key.id)
        api.services.authenticator.forget()  # as every process has, when it is said to be revoked
        yield body[1:]

    for method, path, body in (
        ("PATCH", f"{ADMIN}/callers/default", b'{"quotas": {"calls": "unlimited"}}'),
        ("POST", f"{ADMIN}/callers", b'{"name": "stays"}'),
        ("POST", f"{KEYS}/revoke-all", b'{"caller": null}'),
    ):
        answer = await api.client.request(
            method, path, headers=api.key("admin"), content=slowly(body)
        )
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized"), path
    default = api.callers.get("default")
    assert api.callers.get_facts(default).quotas["calls"] is None
    assert api.callers.find("stays") is None
    assert (await api.get(KEYS)).status_code == 200


async def test_a_change_that_had_to_wait_is_not_made_after_its_key_was_revoked(
    api: MountedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {key.id for key in api.keys.list_keys()}
    own_values = callers_module._own_values

    def late(*arguments: Any) -> dict[str, object]:
        """The last thing before the transaction: the key is revoked by now, as was said."""
        for key in api.keys.list_keys():
            if key.id not in before:
                api.keys.revoke_key(key.id)
        return own_values(*arguments)

    monkeypatch.setattr(callers_module, "_own_values", late)
    for method, path, body in (
        ("PATCH", f"{ADMIN}/callers/default", {"quotas": {"calls": "unlimited"}}),
        ("POST", f"{ADMIN}/callers", {"name": "stays"}),
    ):
        answer = await api.client.request(method, path, headers=api.key("admin"), json=body)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized"), path
        assert "WWW-Authenticate" in answer.headers
    default = api.callers.get("default")
    assert api.callers.get_facts(default).quotas["calls"] is None
    assert api.callers.find("stays") is None


async def test_a_rate_that_is_set_too_low_can_be_mended_with_the_key_it_holds_for(
    api: MountedApi,
) -> None:
    path = f"{ADMIN}/callers/default"
    for rate in ("1/year", None):
        wanted = {"limits": {"authenticated": rate}}
        answer = await api.client.patch(path, json=wanted, headers=api.good)
        assert answer.status_code == 200
        if rate:
            codes = [(await api.get("/api/v1/jobs")).status_code for _ in range(2)]
            assert codes == [200, 429]
    assert (await api.get("/api/v1/jobs")).status_code == 200


async def test_a_caller_can_not_be_named_to_be_taken_for_another(api: MountedApi) -> None:
    theirs = api.callers.create("acme")
    answer = await api.post(f"{ADMIN}/callers", {"name": theirs.id})
    assert answer.status_code == 422
    for name in ("acme", "local", "default"):
        assert (await api.post(f"{ADMIN}/callers", {"name": name})).status_code == 409


async def test_rates_that_would_harm_the_counting_are_refused(api: MountedApi) -> None:
    endless = ";".join(["1/second"] * 6)
    for rates in ("1/99999999999 years", "9999999999999/minute", endless, "0/minute"):
        answer = await api.client.patch(
            f"{ADMIN}/callers/default",
            json={"limits": {"authenticated": rates}},
            headers=api.good,
        )
        assert answer.status_code == 422, rates
        assert answer.json()["errors"][0]["pointer"] == "/limits/authenticated"
