"""What belongs to one caller does not exist for another, on every route that takes an id."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from tests.contract.conftest import NOTES, MountedApi

NEVER = {
    "job_id": "job_01jzzzzzzzzzzzzzzzzzzzzzzz",
    "batch_id": "batch_01jzzzzzzzzzzzzzzzzzzzzzzz",
}


def routes_with_ids(api: MountedApi) -> Iterator[tuple[str, str]]:
    """(method, template) of every route under the prefix that names a job or a batch."""
    for template, operations in api.described["paths"].items():
        if "{" in template and "/admin/" not in template:
            for method in operations:
                yield method.upper(), template


async def ask(
    api: MountedApi, method: str, template: str, ids: dict[str, str], credential: dict[str, str]
) -> tuple[int, dict[str, Any], list[str], dict[str, str]]:
    """The answer (status, members, headers) and the statements that were run for it."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("PRAGMA"):  # how safely the one who had it before has written
            statements.append(statement)

    path = template.format(**ids, path="README.md")
    # The credential is remembered: what is left are the statements that look for the thing
    await api.client.get("/api/v1/status", headers=credential)
    event.listen(api.services.database, "before_cursor_execute", note)
    try:
        answer = await api.client.request(method, path, headers=credential)
    finally:
        event.remove(api.services.database, "before_cursor_execute", note)
    members = answer.json()
    del members["instance"], members["request_id"]
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in {"x-request-id", "x-ratelimit-remaining", "ratelimit", "content-length"}
    }
    return answer.status_code, members, statements, headers


async def test_the_ids_of_other_callers_are_those_of_nobody(start_api: Any) -> None:
    high = "100000/minute"
    api = await start_api(rate_limit_authenticated=high, rate_limit_generation=high)
    theirs = {"job_id": await api.submit()}
    api.finish(theirs["job_id"], {"README.md": "mine alone"})
    theirs["batch_id"] = (await api.submit_batch([NOTES])).json()["id"]
    stranger = api.key("generate", "validate", "jobs:read", "batches", "admin", caller="stranger")
    routes = list(routes_with_ids(api))
    assert len(routes) >= 17
    await api.get("/api/v1/status", headers=stranger)
    await api.settle()  # that the key is used is noted by now, and not among what is asked
    for method, template in routes:
        ours = await ask(api, method, template, theirs, stranger)
        nobodys = await ask(api, method, template, NEVER, stranger)
        assert ours[0] == 404, (method, template)
        assert ours[2], "it was looked for"
        assert ours == nobodys, (method, template)
    # For its owner all of it is still there
    assert (await api.get(f"/api/v1/jobs/{theirs['job_id']}/files/README.md")).text == "mine alone"
    assert (await api.get(f"/api/v1/batches/{theirs['batch_id']}")).status_code == 200


async def test_lists_hold_only_what_is_the_callers_own(api: MountedApi) -> None:
    job_id = await api.submit()
    batch_id = (await api.submit_batch([NOTES])).json()["id"]
    stranger = api.key("generate", "jobs:read", "batches", "admin", caller="stranger")
    for path in ("/api/v1/jobs", f"/api/v1/jobs?batch_id={batch_id}", "/api/v1/batches"):
        answer = await api.client.get(path, headers=stranger)
        assert answer.json()["items"] == [], path
    found = (await api.get("/api/v1/jobs")).json()["items"]
    assert job_id in [job["id"] for job in found]


async def test_a_cursor_of_another_caller_opens_nothing(api: MountedApi) -> None:
    for _ in range(2):
        await api.submit()
    cursor = (await api.get("/api/v1/jobs?limit=1")).json()["next_cursor"]
    assert cursor
    stranger = api.key("jobs:read", caller="stranger")
    answer = await api.client.get(f"/api/v1/jobs?cursor={cursor}", headers=stranger)
    assert answer.status_code == 200
    assert answer.json()["items"] == []


async def test_an_idempotency_key_is_the_callers_own(api: MountedApi, notes: Any) -> None:
    headers = {"Idempotency-Key": "the-same-for-both"}
    mine = await api.post("/api/v1/generate", notes, headers=api.good | headers)
    stranger = api.key("generate", caller="stranger")
    notes["project_name"] = "another"  # of one caller, this would be a 422
    theirs = await api.post("/api/v1/generate", notes, headers=stranger | headers)
    assert (mine.status_code, theirs.status_code) == (202, 202)
    assert mine.json()["id"] != theirs.json()["id"]


@pytest.mark.parametrize("odd", ["", "%00", "..%2f", "x" * 3000, "job_%F0%9F%92%A9", "1 OR 1=1"])
async def test_an_id_of_any_form_that_never_was(api: MountedApi, odd: str) -> None:
    usual = await api.get(f"/api/v1/jobs/{NEVER['job_id']}/report")
    answer = await api.get(f"/api/v1/jobs/{odd}/report")
    assert answer.status_code == 404
    same = ("status", "title", "type", "detail") if odd else ("status",)
    assert {name: answer.json()[name] for name in same} == {
        name: usual.json()[name] for name in same
    }
    assert json.dumps(answer.json()).count("x" * 300) == 0
