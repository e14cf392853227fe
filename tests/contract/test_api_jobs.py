"""Jobs over HTTP: their members, lists, cancelling, deleting, and whose they are."""

from datetime import datetime, timedelta

import pytest

from api.wire import CancelShape, JobPageShape, JobShape
from common.artifacts import ArtifactStore
from common.errors import TransientError
from common.jobs.expiry import expire
from common.jobs.job import Stage
from common.jobs.leftovers import sweep
from common.jobs.retention import Retention

JOBS = "/api/v1/jobs"
MEMBERS = [
    "id",
    "kind",
    "status",
    "stage",
    "progress",
    "queue_position",
    "eta_seconds",
    "deferred_until",
    "deferred_reason",
    "project_name",
    "batch_id",
    "retry_of",
    "attempt_count",
    "attempts",
    "created_at",
    "started_at",
    "finished_at",
    "expires_at",
    "warnings",
    "error",
    "artifact",
    "verification",
    "usage",
    "links",
]


async def test_a_queued_job_has_every_member(api) -> None:
    answer = await api.get(f"{JOBS}/{await api.submit()}")
    assert answer.status_code == 200
    job = answer.json()
    assert set(job) == set(MEMBERS)
    JobShape.model_validate(job)
    assert job["progress"] == {"done": 0, "total": 0}
    assert job["attempts"] == []
    assert job["warnings"] == []
    assert job["usage"] == {"llm_calls": 0, "input_tokens": 0, "output_tokens": 0, "cost_usd": 0.0}
    assert job["links"] == {
        "self": f"{JOBS}/{job['id']}",
        "events": f"{JOBS}/{job['id']}/events",
        "cancel": f"{JOBS}/{job['id']}/cancel",
        "retry": None,
        "artifact": None,
        "files": None,
        "report": None,
        "document": f"{JOBS}/{job['id']}/document",
    }
    for name in ("stage", "error", "artifact", "verification", "started_at", "finished_at"):
        assert job[name] is None
    assert datetime.fromisoformat(job["created_at"]).utcoffset().total_seconds() == 0
    assert job["created_at"].endswith("Z")


async def test_a_running_job(api) -> None:
    job_id = await api.submit()
    claims, claim = api.claim(job_id)
    claims.set_stage(claim, Stage.VERIFY)
    claims.set_progress(claim, 3, 7)
    answer = await api.get(f"{JOBS}/{job_id}")
    job = answer.json()
    JobShape.model_validate(job)
    assert job["status"] == "running"
    assert job["stage"] == "verify"
    assert job["progress"] == {"done": 3, "total": 7}
    assert job["attempt_count"] == 1
    assert job["attempts"][0]["number"] == 1
    assert int(answer.headers["Retry-After"]) >= 1


async def test_a_job_that_succeeded(api) -> None:
    job_id = await api.submit()
    content = api.finish(job_id, {"README.md": "hello"})
    answer = await api.get(f"{JOBS}/{job_id}")
    job = answer.json()
    assert set(job) == set(MEMBERS)
    JobShape.model_validate(job)
    assert job["status"] == "succeeded"
    assert job["artifact"]["file_count"] == 1
    assert job["artifact"]["size_bytes"] == len(content)
    assert job["verification"] == {"level": "full", "passed": 7, "failed": 0, "skipped": 0}
    assert job["links"]["cancel"] is None
    for name in ("artifact", "files", "report"):
        assert job["links"][name] == f"{JOBS}/{job_id}/{name}"
    assert job["progress"] == {"done": 1, "total": 1}
    assert "Retry-After" not in answer.headers


async def test_links_lead_to_what_is_there(start_api) -> None:
    api = await start_api()
    cancelled, expired = await api.submit(), await api.submit()
    await api.post(f"{JOBS}/{cancelled}/cancel")
    api.finish(expired, {"README.md": "hello"})
    week = timedelta(days=7)
    now = api.services.clock() + timedelta(days=4)
    expire(api.services.database, now, Retention(jobs=week, artifacts=week), lambda _: None)
    for job_id in (cancelled, expired):
        links = (await api.get(f"{JOBS}/{job_id}")).json()["links"]
        assert [links[name] for name in ("cancel", "artifact", "files", "report")] == [None] * 4


async def test_a_job_that_failed(api) -> None:
    job_id = await api.submit()
    api.finish(job_id, {"README.md": "hello"}, failed=True)
    job = (await api.get(f"{JOBS}/{job_id}")).json()
    JobShape.model_validate(job)
    assert job["status"] == "failed"
    assert job["error"] == {
        "code": "checks_failed",
        "message": "A check failed.",
        "stage": "verify",
        "retryable": False,
    }
    assert job["artifact"] is None


async def test_every_change_has_a_greater_revision(api) -> None:
    job_id = await api.submit()

    async def revision():
        return int((await api.get(f"{JOBS}/{job_id}")).headers["ETag"].strip('"'))

    seen = [await revision()]
    claims, claim = api.claim(job_id)
    seen.append(await revision())
    claims.set_stage(claim, Stage.RENDER)
    seen.append(await revision())
    await api.post(f"{JOBS}/{job_id}/cancel")
    seen.append(await revision())
    assert seen == sorted(set(seen))
    assert await revision() == seen[-1]


@pytest.mark.parametrize("end", ["", "/artifact"])
async def test_not_modified(api, end) -> None:
    job_id = await api.submit()
    api.finish(job_id, {"a": "b"})
    path = f"{JOBS}/{job_id}{end}"
    first = await api.get(path)
    assert first.status_code == 200
    tag = first.headers["ETag"]
    for known in (tag, f'"x", {tag}', "*", f"W/{tag}"):
        answer = await api.get(path, headers=api.good | {"If-None-Match": known})
        assert answer.status_code == 304
        assert answer.content == b""
        assert answer.headers["ETag"] == tag
        assert "X-Request-ID" in answer.headers
    answer = await api.get(path, headers=api.good | {"If-None-Match": '"other"'})
    assert answer.status_code == 200


NEVER_WAS = [
    "job_01arz3ndektsv4rrffq69g5fav",
    "job_",
    "x",
    "0",
    "JOB_01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "job_01arz3ndektsv4rrffq69g5fav' OR 1=1 --",
    "%00",
    "%F0%9F%98%80",
    "..%5c..",
    "j" * 3000,
]


async def test_an_id_with_a_slash_never_was(api) -> None:
    plain, slashed = [(await api.get(f"{JOBS}/{job_id}")).json() for job_id in ("nope", "a%2Fb")]
    for body in (plain, slashed):
        del body["instance"], body["request_id"]
    assert plain == slashed


async def test_files_that_cannot_be_removed_with_their_job_are_swept_later(
    api, monkeypatch
) -> None:
    job_id, other = await api.submit(), await api.submit()
    api.finish(job_id, {"README.md": "text"})
    api.finish(other, {"README.md": "text"})
    artifacts = api.services.artifacts

    def fail(_self, _key) -> None:
        raise TransientError("storage_unavailable", "The store is away.")

    with monkeypatch.context() as patched:
        patched.setattr(ArtifactStore, "delete", fail)
        assert (await api.client.delete(f"{JOBS}/{job_id}", headers=api.good)).status_code == 204
        assert sweep(api.engine, artifacts.job_ids(), artifacts.delete) == 0
    assert (await api.get(f"{JOBS}/{job_id}")).status_code == 404
    assert sorted(artifacts.job_ids()) == sorted([job_id, other])
    assert sweep(api.engine, artifacts.job_ids(), artifacts.delete) == 1
    assert artifacts.job_ids() == [other]
    assert (await api.get(f"{JOBS}/{other}/artifact")).status_code == 200


async def test_files_are_touched_only_once_their_job_is_gone(api, monkeypatch) -> None:
    """A worker may claim it up to then, and its checkpoints were paid for."""
    job_id = await api.submit()
    there: list[bool] = []
    delete = ArtifactStore.delete

    def look(self, prefix) -> None:
        there.append(api.services.jobs.find(api.callers.ensure("default").id, job_id) is not None)
        delete(self, prefix)

    monkeypatch.setattr(ArtifactStore, "delete", look)
    assert (await api.client.delete(f"{JOBS}/{job_id}", headers=api.good)).status_code == 204
    assert there == [False]


@pytest.mark.parametrize(
    ("method", "end"),
    [
        ("GET", ""),
        ("GET", "?wait=1"),
        ("GET", "/events"),
        ("GET", "/events?wait=1"),
        ("GET", "/artifact"),
        ("GET", "/files"),
        ("GET", "/files/README.md"),
        ("GET", "/report"),
        ("POST", "/cancel"),
        ("POST", "/retry"),
        ("DELETE", ""),
    ],
)
async def test_anothers_job_and_one_that_never_was_look_the_same(start_api, method, end) -> None:
    api = await start_api(rate_limit_generation="100/minute")
    others = await api.submit(headers=api.key("generate", caller="other"))
    api.finish(others, {"README.md": "secret"})
    bodies = []
    for job_id in (others, *NEVER_WAS):
        answer = await api.client.request(method, f"{JOBS}/{job_id}{end}", headers=api.good)
        assert answer.status_code == 404, job_id
        body = answer.json()
        assert body.pop("instance").startswith(JOBS)
        assert body.pop("request_id") == answer.headers["X-Request-ID"]
        bodies.append(body)
        assert len(answer.content) < 1000
    assert all(body == bodies[0] for body in bodies)
    assert api.services.jobs.find(api.callers.ensure("other").id, others) is not None


# Lists


async def test_newest_first_a_page_at_a_time(start_api) -> None:
    api = await start_api()
    ids = []
    for _ in range(5):
        ids.append(await api.submit())
        api.clock.step(1)
    ids.reverse()
    whole = (await api.get(JOBS)).json()
    JobPageShape.model_validate(whole)
    assert [job["id"] for job in whole["items"]] == ids
    assert whole["next_cursor"] is None
    paged, cursor = [], ""
    for _ in range(3):
        page = (await api.get(f"{JOBS}?limit=2{cursor}")).json()
        paged += [job["id"] for job in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert paged == ids
    assert page["next_cursor"] is None


async def test_lists_show_the_callers_own(api) -> None:
    await api.submit(headers=api.key("generate", caller="other"))
    assert (await api.get(JOBS)).json() == {"items": [], "next_cursor": None}


async def test_filters(api, notes) -> None:
    first = await api.submit()
    api.clock.step(60)
    between = api.clock().isoformat().replace("+00:00", "Z")
    api.clock.step(60)
    second = await api.submit(notes | {"project_name": "other"})
    api.finish(first, {"a": "b"})

    async def found(query):
        answer = await api.get(f"{JOBS}?{query}")
        assert answer.status_code == 200, answer.text
        return [job["id"] for job in answer.json()["items"]]

    assert await found("status=succeeded") == [first]
    assert await found("status=queued") == [second]
    assert await found("project_name=other") == [second]
    assert await found("project_name=oth") == []
    assert await found("batch_id=batch_x") == []
    assert await found(f"created_after={between}") == [second]
    assert await found(f"created_before={between}") == [first]
    assert await found(f"created_before={between}&status=queued") == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("status=done", 422),
        ("limit=0", 422),
        ("limit=101", 422),
        ("limit=many", 422),
        ("created_after=yesterday", 422),
        ("created_after=2026-01-01T00:00:00", 422),
        ("created_before=5", 422),
        ("cursor=nonsense", 400),
        ("cursor=" + "x" * 3000, 400),
    ],
)
async def test_wrong_parameters(api, query, status) -> None:
    answer = await api.get(f"{JOBS}?{query}")
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert query.partition("=")[0] in problem["detail"]
    assert len(answer.content) < 1000


async def test_a_wrong_parameter_is_no_way_around_the_guard(api) -> None:
    for path in (f"{JOBS}?limit=many", f"{JOBS}/job_x?wait=long"):
        answer = await api.client.get(path)
        assert answer.status_code == 401
        assert answer.headers["X-RateLimit-Limit"] == "20"


# Cancel


async def test_cancel_a_queued_job(api) -> None:
    job_id = await api.submit()
    answer = await api.post(f"{JOBS}/{job_id}/cancel")
    assert answer.status_code == 202
    CancelShape.model_validate(answer.json())
    assert answer.json()["cancel"] == "requested"
    assert answer.json()["detail"] == "The job is cancelled."
    assert (await api.get(f"{JOBS}/{job_id}")).json()["status"] == "cancelled"


async def test_cancel_a_running_job(api) -> None:
    job_id = await api.submit()
    claims, claim = api.claim(job_id)
    answer = await api.post(f"{JOBS}/{job_id}/cancel")
    assert answer.status_code == 202
    assert answer.json()["status"] == "running"
    assert claims.cancel_requested(claim)
    again = await api.post(f"{JOBS}/{job_id}/cancel")
    assert again.status_code == 202
    claims.cancel(claim)
    assert (await api.get(f"{JOBS}/{job_id}")).json()["status"] == "cancelled"


@pytest.mark.parametrize("end", ["succeeded", "failed", "cancelled"])
async def test_cancel_a_finished_job(api, end) -> None:
    job_id = await api.submit()
    if end == "cancelled":
        await api.post(f"{JOBS}/{job_id}/cancel")
    else:
        api.finish(job_id, {"a": "b"}, failed=end == "failed")
    answer = await api.post(f"{JOBS}/{job_id}/cancel")
    assert answer.status_code == 200
    assert answer.json()["cancel"] == "already_finished"
    assert answer.json()["status"] == end
    assert end in answer.json()["detail"]
    CancelShape.model_validate(answer.json())


# Delete


async def test_delete_takes_everything(api) -> None:
    job_id = await api.submit()
    api.finish(job_id, {"a": "b"})
    artifacts = list((api.settings.data_dir / "artifacts").rglob("*.zip"))
    assert len(artifacts) == 1
    answer = await api.client.delete(f"{JOBS}/{job_id}", headers=api.good)
    assert answer.status_code == 204
    assert answer.content == b""
    assert not artifacts[0].exists()
    for path in (f"{JOBS}/{job_id}", f"{JOBS}/{job_id}/artifact"):
        assert (await api.get(path)).status_code == 404
    again = await api.client.delete(f"{JOBS}/{job_id}", headers=api.good)
    assert again.status_code == 404


async def test_a_running_job_is_not_deleted(api) -> None:
    job_id = await api.submit()
    api.claim(job_id)
    answer = await api.client.delete(f"{JOBS}/{job_id}", headers=api.good)
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/job_running"
    assert (await api.get(f"{JOBS}/{job_id}")).status_code == 200


async def test_what_there_is_not(api) -> None:
    answer = await api.post(f"{JOBS}/{await api.submit()}/resume")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
