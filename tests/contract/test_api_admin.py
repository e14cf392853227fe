"""`/admin`: callers, keys, jobs and spending of everybody, for keys with the scope `admin`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from api.admin_wire import (
    CallerPageShape,
    CallerShape,
    KeyPageShape,
    KeyShape,
    MadeKeyShape,
    OwnedJobPageShape,
    OwnedJobShape,
    SpendingPageShape,
)

ADMIN = "/api/v1/admin"
CALLERS = f"{ADMIN}/callers"
KEYS = f"{ADMIN}/keys"
USUAL = {"authenticated": None, "generation": None, "validation": None}
UNSET = {"calls": None, "tokens": None, "cost_usd": None}

WRONG_CALLERS: list[tuple[str, list[tuple[str, str]]]] = [
    ("[]", [("", "wrong_type")]),
    ("{}", [("", "missing_member")]),
    ('{"name": ""}', [("/name", "invalid_name")]),
    ('{"name": 7}', [("/name", "wrong_type")]),
    ('{"name": "a\\u0000b"}', [("/name", "null_bytes_removed")]),
    ('{"name": "caller_01jzzzzzzzzzzzzzzzzzzzzzzz"}', [("/name", "invalid_name")]),
    (
        (
            '{"nam": "a", "limits": {"generatio": "1/minute", "validation": "often"},'
            ' "quotas": {"calls": -1, "tokens": true, "cost_usd": "much"}}'
        ),
        [
            ("", "missing_member"),
            ("/limits/generatio", "unknown_member"),
            ("/limits/validation", "invalid_rate"),
            ("/nam", "unknown_member"),
            ("/quotas/calls", "invalid_quota"),
            ("/quotas/cost_usd", "invalid_quota"),
            ("/quotas/tokens", "invalid_quota"),
        ],
    ),
    (f'{{"name": "a", "quotas": {{"calls": 1{"0" * 400}}}}}', [("/quotas/calls", "invalid_quota")]),
]
WRONG_KEYS: list[tuple[dict[str, object], list[tuple[str, str]]]] = [
    ({"caller": "nobody"}, [("/caller", "unknown_caller")]),
    ({"caller": None}, [("/caller", "wrong_type")]),
    ({"scopes": []}, [("/scopes", "too_few_items")]),
    ({"scopes": ["admin", "root"]}, [("/scopes/1", "unknown_scope")]),
    ({"expires_at": "tomorrow"}, [("/expires_at", "invalid_moment")]),
    ({"expires_at": "2027-01-31T12:00:00"}, [("/expires_at", "invalid_moment")]),
    ({"expires_at": "9999-12-31T23:59:59-12:00"}, [("/expires_at", "invalid_moment")]),
    ({"expires_at": 1_900_000_000}, [("/expires_at", "invalid_moment")]),
    ({"expires_at": "2026-01-02T03:04:05Z"}, [("/expires_at", "already_over")]),
    (
        {"name": "", "skopes": []},
        [("/name", "invalid_name"), ("/skopes", "unknown_member")],
    ),
]


async def change(api: Any, path: str, members: object) -> httpx.Response:
    return await api.client.patch(path, json=members, headers=api.good)


async def made_key(api: Any, **more: Any) -> dict[str, Any]:
    members = {"caller": "default", "name": "ci", "scopes": ["jobs:read"]} | more
    answer = await api.post(KEYS, members)
    assert answer.status_code == 201, answer.text
    MadeKeyShape.model_validate(answer.json())
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Location"] == f"{KEYS}/{answer.json()['id']}"
    return answer.json()


def pointers(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]


class TestCallers:
    async def test_are_made_shown_and_changed(self, api) -> None:
        answer = await api.post(CALLERS, {"name": "acme", "quotas": {"calls": 5}})
        assert answer.status_code == 201
        made = answer.json()
        CallerShape.model_validate(made)
        assert answer.headers["Location"] == f"{CALLERS}/{made['id']}"
        assert (made["name"], made["limits"]) == ("acme", USUAL)
        assert made["quotas"] == UNSET | {"calls": 5}
        for path in (f"{CALLERS}/acme", f"{CALLERS}/{made['id']}"):
            assert (await api.get(path)).json() == made
        wanted = {"limits": {"generation": "20/minute"}, "quotas": {"cost_usd": "unlimited"}}
        changed = (await change(api, f"{CALLERS}/acme", wanted)).json()
        assert changed["limits"] == USUAL | {"generation": "20/minute"}
        assert changed["quotas"] == {"calls": 5, "tokens": None, "cost_usd": "unlimited"}
        back = {"limits": {"generation": None}, "quotas": {"calls": None}}
        changed = (await change(api, f"{CALLERS}/acme", back)).json()
        assert (changed["limits"], changed["quotas"]["cost_usd"]) == (USUAL, "unlimited")

    async def test_are_listed_page_by_page(self, api) -> None:
        names = {"default", "local", "acme", "bravo", "charlie"}
        for name in names - {"default", "local"}:
            await api.post(CALLERS, {"name": name})
        found, query = [], "?limit=2"
        while query:
            page = (await api.get(f"{CALLERS}{query}")).json()
            CallerPageShape.model_validate(page)
            found += [caller["name"] for caller in page["items"]]
            query = f"?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""
        assert (set(found), len(found)) == (names, 5)

    async def test_of_a_name_that_is_taken(self, api) -> None:
        answer = await api.post(CALLERS, {"name": "default"})
        assert (answer.status_code, answer.json()["code"]) == (409, "caller_exists")

    async def test_nobody_made(self, api) -> None:
        for answer in (
            await api.get(f"{CALLERS}/nobody"),
            await api.get(f"{CALLERS}/a%00b"),
            await change(api, f"{CALLERS}/nobody", {}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "caller_not_found")

    async def test_that_are_wrong_are_told_all_faults_at_once(self, api) -> None:
        for body, found in WRONG_CALLERS:
            answer = await api.client.post(CALLERS, content=body, headers=api.good)
            assert answer.status_code == 422, body
            assert sorted(pointers(answer)) == found

    async def test_that_can_not_be_read(self, api) -> None:
        unreadable = ("", "{", '{"name": "a", "name": "b"}')
        for body in (*unreadable, f'{{"name": "{"x" * 1001}"}}', '{"name": "eval("}'):
            answer = await api.client.post(CALLERS, content=body, headers=api.good)
            assert answer.status_code == 400, body
            assert len(answer.text) < 1000

    async def test_go_by_their_own_rates_and_nobody_else_does(self, start_api) -> None:
        api = await start_api(rate_limit_authenticated="3/minute")
        acme, other = api.key("jobs:read", caller="acme"), api.key("jobs:read", caller="other")
        assert (await api.get("/api/v1/jobs", headers=acme)).headers["X-RateLimit-Limit"] == "3"
        own = {"limits": {"authenticated": "1/second;5/minute"}}
        assert (await change(api, f"{CALLERS}/acme", own)).status_code == 200
        answer = await api.get("/api/v1/jobs", headers=acme)
        policy = '"authenticated-1s";q=1;w=1, "authenticated-60s";q=5;w=60'
        assert answer.headers["RateLimit-Policy"] == policy
        assert answer.headers["X-RateLimit-Limit"] == "1"
        refused = await api.get("/api/v1/jobs", headers=acme)
        assert (refused.status_code, refused.headers["X-RateLimit-Limit"]) == (429, "1")
        api.clock.step(1)
        told = (await api.get("/api/v1/status", headers=acme)).json()
        assert told["limits"]["rates"]["authenticated"] == "1/second;5/minute"
        assert told["limits"]["rates"]["generation"] == "10/minute;50/hour"
        untouched = await api.get("/api/v1/jobs", headers=other)
        assert untouched.headers["RateLimit-Policy"] == '"authenticated-60s";q=3;w=60'


class TestKeys:
    async def test_are_made_shown_once_and_good(self, api) -> None:
        ends_at = api.clock() + timedelta(days=1)
        made = await made_key(api, expires_at=ends_at.isoformat())
        key = {"X-API-Key": made["key"]}
        assert (await api.get("/api/v1/jobs", headers=key)).status_code == 200
        assert (await api.post("/api/v1/generate", {}, headers=key)).status_code == 403
        await api.settle()
        shown = (await api.get(f"{KEYS}/{made['id']}")).json()
        KeyShape.model_validate(shown)
        assert (shown["state"], shown["old"], shown["origin"]) == ("ends", False, "made")
        assert shown["last_used_at"] is not None

    async def test_are_listed_of_everybody_or_of_one(self, api) -> None:
        await api.post(CALLERS, {"name": "acme"})
        made = [(await made_key(api, caller="acme", name=str(n)))["id"] for n in range(3)]
        page = (await api.get(f"{KEYS}?caller=acme&limit=2")).json()
        KeyPageShape.model_validate(page)
        more = (await api.get(f"{KEYS}?caller=acme&cursor={page['next_cursor']}")).json()
        assert {key["id"] for key in page["items"] + more["items"]} == set(made)
        assert more["next_cursor"] is None
        everybody = (await api.get(KEYS)).json()["items"]
        assert {key["caller"] for key in everybody} == {"acme", "default"}
        unknown = await api.get(f"{KEYS}?caller=nobody")
        assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_caller")

    async def test_are_rotated_with_an_overlap(self, api) -> None:
        old = await made_key(api)
        answer = await api.post(f"{KEYS}/{old['id']}/rotate", {"overlap_seconds": 60})
        assert answer.status_code == 201
        new = answer.json()
        MadeKeyShape.model_validate(new)
        assert (new["name"], new["scopes"], new["expires_at"]) == ("ci", ["jobs:read"], None)
        ending = (await api.get(f"{KEYS}/{old['id']}")).json()
        assert (ending["state"], ending["replaced_by"]) == ("ends", new["id"])
        for key in (old, new):
            answer = await api.get("/api/v1/jobs", headers={"X-API-Key": key["key"]})
            assert answer.status_code == 200
        api.clock.step(60)
        answer = await api.get("/api/v1/jobs", headers={"X-API-Key": old["key"]})
        assert answer.status_code == 401
        assert (await api.get(f"{KEYS}/{old['id']}")).json()["state"] == "replaced"
        again = await api.post(f"{KEYS}/{old['id']}/rotate", {})
        assert (again.status_code, again.json()["code"]) == (409, "key_not_good")

    async def test_are_rotated_within_a_day_unless_something_is_said(self, api) -> None:
        old = await made_key(api)
        answer = await api.client.post(f"{KEYS}/{old['id']}/rotate", headers=api.good)
        assert answer.status_code == 201
        ending = await api.get(f"{KEYS}/{old['id']}")
        day = (api.clock() + timedelta(days=1)).isoformat().replace("+00:00", "Z")
        assert ending.json()["expires_at"] == day

    async def test_that_are_wrong_are_not_made(self, api) -> None:
        for more, found in WRONG_KEYS:
            members = {"caller": "default", "name": "ci", "scopes": ["jobs:read"]} | more
            answer = await api.post(KEYS, members)
            assert answer.status_code == 422, answer.text
            assert sorted(pointers(answer)) == found
        assert len(api.keys.list_keys()) == 1

    async def test_are_not_rotated_with_an_odd_overlap(self, api) -> None:
        old = await made_key(api)
        for overlap in (-1, 0.5, "24h", True, 90 * 86400 + 1):
            answer = await api.post(f"{KEYS}/{old['id']}/rotate", {"overlap_seconds": overlap})
            assert answer.status_code == 422
            assert pointers(answer)[0][0] == "/overlap_seconds"

    async def test_that_there_are_not(self, api) -> None:
        for answer in (
            await api.get(f"{KEYS}/key_x"),
            await api.post(f"{KEYS}/key_x/rotate", {}),
            await api.post(f"{KEYS}/key_x/revoke"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "key_not_found")

    async def test_of_all_are_revoked_only_if_that_is_said(self, api) -> None:
        answer = await api.post(f"{KEYS}/revoke-all", {})
        assert (answer.status_code, pointers(answer)) == (422, [("", "missing_member")])
        unknown = await api.post(f"{KEYS}/revoke-all", {"caller": "nobody"})
        assert pointers(unknown) == [("/caller", "unknown_caller")]
        assert (await api.get(KEYS)).status_code == 200


class TestJobs:
    async def test_of_everybody_are_listed_with_their_callers(self, api, notes) -> None:
        acme = api.key("generate", caller="acme")
        ours = await api.submit()
        notes["project_name"] = "theirs"
        api.clock.step(1)
        theirs = await api.submit(notes, headers=acme)
        page = (await api.get(f"{ADMIN}/jobs")).json()
        OwnedJobPageShape.model_validate(page)
        assert [(job["id"], job["caller"]) for job in page["items"]] == [
            (theirs, "acme"),
            (ours, "default"),
        ]
        first = (await api.get(f"{ADMIN}/jobs?limit=1")).json()
        rest = (await api.get(f"{ADMIN}/jobs?cursor={first['next_cursor']}")).json()
        assert [job["id"] for job in first["items"] + rest["items"]] == [theirs, ours]
        for query, found in (
            ("caller=acme", [theirs]),
            ("project_name=notes", [ours]),
            ("caller=acme&project_name=notes", []),
            ("caller=acme&status=queued", [theirs]),
            ("status=queued", [theirs, ours]),
            ("status=failed", []),
        ):
            listed = (await api.get(f"{ADMIN}/jobs?{query}")).json()["items"]
            assert [job["id"] for job in listed] == found, query
        job = (await api.get(f"{ADMIN}/jobs/{theirs}")).json()
        OwnedJobShape.model_validate(job)
        assert job["caller"] == "acme"
        assert job["queue_position"] is not None

    async def test_of_anybody_are_looked_into_and_stopped(self, api, notes) -> None:
        acme = api.key("generate", caller="acme")
        theirs = await api.submit(notes, headers=acme)
        place = f"{ADMIN}/jobs/{theirs}"
        assert (await api.get(f"{place}/document")).json()["project_name"] == "notes"
        assert (await api.get(f"{place}/report")).status_code == 409  # there is none yet
        stopped = await api.post(f"{place}/cancel")
        assert (stopped.status_code, stopped.json()["status"]) == (202, "cancelled")
        assert (await api.post(f"{place}/cancel")).status_code == 200
        for path in ("document", "report"):
            assert (await api.get(f"{place}/{path}", headers=acme)).status_code == 403
        assert (await api.post(f"{place}/cancel", headers=acme)).status_code == 403

    async def test_are_asked_for_as_everywhere(self, api) -> None:
        for query, status in (
            ("caller=nobody", 422),
            ("status=sleeping", 422),
            ("created_after=2026-01-01", 422),
            ("limit=0", 422),
            ("cursor=nonsense", 400),
        ):
            assert (await api.get(f"{ADMIN}/jobs?{query}")).status_code == status, query
        for job_id in ("job_x", "job_01jzzzzzzzzzzzzzzzzzzzzzzz"):
            answer = await api.get(f"{ADMIN}/jobs/{job_id}")
            assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")


async def test_spending_is_told_caller_by_caller(api) -> None:
    await api.post(CALLERS, {"name": "acme", "quotas": {"calls": 5}})
    page = (await api.get(f"{ADMIN}/usage")).json()
    SpendingPageShape.model_validate(page)
    told = {each["caller"]: each for each in page["items"]}
    assert told.keys() == {"acme", "default", "local"}
    assert told["acme"]["quotas"]["calls"]["limit"] == 5
    mine = (await api.get("/api/v1/usage")).json()
    assert told["default"] == mine | {"caller": "default"}
    first = (await api.get(f"{ADMIN}/usage?limit=2")).json()
    rest = (await api.get(f"{ADMIN}/usage?limit=2&cursor={first['next_cursor']}")).json()
    assert first["items"] + rest["items"] == page["items"]
