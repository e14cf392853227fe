"""`POST /jobs/{id}/retry`: a job that failed or was cancelled, again, as a new one."""

import asyncio
from datetime import timedelta

import pytest

from api.wire import JobShape
from common.db.tables import job_documents
from common.jobs.retry import checkpoint_sources

JOBS = "/api/v1/jobs"
LONG = "d" * 1500


@pytest.fixture
async def api(start_api, database_url):
    """The API on each of the databases."""
    return await start_api(database_url=database_url, rate_limit_generation="1000/minute")


async def ended(api, how, document=None) -> str:
    """The id of a job that ended like this."""
    job_id = await api.submit(document) if document else await api.submit()
    if how == "cancelled":
        await api.post(f"{JOBS}/{job_id}/cancel")
    else:
        await asyncio.to_thread(api.finish, job_id, {"a": "b"}, failed=how == "failed")
    return job_id


@pytest.mark.parametrize("how", ["failed", "cancelled"])
async def test_becomes_a_new_job(api, how) -> None:
    old = await ended(api, how)
    before = (await api.get(f"{JOBS}/{old}")).json()
    assert before["links"]["retry"] == f"{JOBS}/{old}/retry"
    answer = await api.post(before["links"]["retry"])
    assert answer.status_code == 202
    job = answer.json()
    JobShape.model_validate(job)
    assert job["id"] != old
    assert job["retry_of"] == old
    assert job["status"] == "queued"
    assert job["kind"] == "generate"
    assert job["project_name"] == "notes"
    assert job["links"]["retry"] is None
    assert answer.headers["Location"] == f"{JOBS}/{job['id']}"
    assert int(answer.headers["Retry-After"]) >= 1
    assert (await api.get(f"{JOBS}/{old}")).json() == before  # nothing happens to the old one
    documents = [api.services.jobs.get_document("default", each) for each in (old, job["id"])]
    assert documents[0] == documents[1]
    await asyncio.to_thread(api.finish, job["id"], {"a": "b"})
    assert (await api.get(f"{JOBS}/{job['id']}")).json()["status"] == "succeeded"


async def test_takes_over_what_was_asked_for_and_warned_of(api, notes) -> None:
    notes |= {"description": LONG, "run": {"timeout_seconds": 7, "start_within_seconds": 60}}
    old = await api.submit(notes)
    warnings = (await api.get(f"{JOBS}/{old}")).json()["warnings"]
    assert [warning["pointer"] for warning in warnings] == ["/description"]
    await api.post(f"{JOBS}/{old}/cancel")
    api.clock.step(3600)
    new = (await api.post(f"{JOBS}/{old}/retry")).json()
    assert new["warnings"] == warnings
    with api.engine.connect() as connection:
        row = connection.exec_driver_sql(
            f"SELECT timeout_seconds, start_by FROM jobs WHERE id = '{new['id']}'"  # noqa: S608
        ).one()
    assert row.timeout_seconds == 7
    assert str(api.clock() + timedelta(seconds=60))[:19] == str(row.start_by)[:19].replace("T", " ")


async def test_what_the_old_run_found_is_left_to_the_new_one(api, notes) -> None:
    old = await api.submit(notes | {"description": LONG})
    claims, claim = api.claim(old)
    found = {"pointer": "", "code": "verification", "message": "compiled only"}
    api.fail(claims, claim, warnings=[*claim.job.warnings, found])
    assert len((await api.get(f"{JOBS}/{old}")).json()["warnings"]) == 2
    new = (await api.post(f"{JOBS}/{old}/retry")).json()
    assert [warning["pointer"] for warning in new["warnings"]] == ["/description"]


async def test_again_and_again(api) -> None:
    first = await ended(api, "failed")
    second, third = [(await api.post(f"{JOBS}/{first}/retry")).json() for _ in range(2)]
    assert second["retry_of"] == third["retry_of"] == first
    assert second["id"] != third["id"]
    await api.post(f"{JOBS}/{second['id']}/cancel")
    fourth = (await api.post(f"{JOBS}/{second['id']}/retry")).json()
    assert fourth["retry_of"] == second["id"]
    job = api.services.jobs.get("default", fourth["id"])
    assert checkpoint_sources(job) == (fourth["id"], second["id"])
    assert checkpoint_sources(api.services.jobs.get("default", first)) == (first,)


@pytest.mark.parametrize("status", ["queued", "running", "succeeded"])
async def test_what_neither_failed_nor_was_cancelled(api, status) -> None:
    job_id = await api.submit()
    if status == "running":
        api.claim(job_id)
    elif status == "succeeded":
        await asyncio.to_thread(api.finish, job_id, {"a": "b"})
    assert (await api.get(f"{JOBS}/{job_id}")).json()["links"]["retry"] is None
    answer = await api.post(f"{JOBS}/{job_id}/retry")
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["type"] == "/problems/job_not_retryable"
    assert problem["job_status"] == status
    assert status in problem["detail"]
    assert len((await api.get(JOBS)).json()["items"]) == 1


async def test_a_document_that_is_gone(api) -> None:
    job_id = await ended(api, "failed")
    with api.engine.begin() as connection:
        connection.execute(job_documents.delete())
    answer = await api.post(f"{JOBS}/{job_id}/retry")
    assert answer.status_code == 410
    assert answer.json()["type"] == "/problems/document_gone"


async def test_whose_it_is(api) -> None:
    others = await api.submit(headers=api.key("generate", caller="other"))
    assert (await api.post(f"{JOBS}/{others}/retry")).status_code == 404
    mine = await ended(api, "failed")
    answer = await api.post(f"{JOBS}/{mine}/retry", headers=api.key("jobs:read"))
    assert answer.status_code == 403


@pytest.mark.parametrize(("body", "status"), [("", 202), (" {} ", 202), ("[]", 422), ("{", 422)])
async def test_takes_no_body(api, body, status) -> None:
    job_id = await ended(api, "failed")
    answer = await api.client.post(f"{JOBS}/{job_id}/retry", content=body, headers=api.good)
    assert answer.status_code == status


async def test_one_wish_one_job(api, notes) -> None:
    first, second = await ended(api, "failed"), await ended(api, "cancelled")
    wish = api.good | {"Idempotency-Key": "again"}
    answers = await asyncio.gather(
        *(api.post(f"{JOBS}/{first}/retry", headers=wish) for _ in range(5))
    )
    assert {answer.status_code for answer in answers} == {202}
    [made] = {answer.json()["id"] for answer in answers}
    assert made != first
    # The wish outlives what it was made of
    await api.client.delete(f"{JOBS}/{first}", headers=api.good)
    later = await api.post(f"{JOBS}/{first}/retry", headers=wish)
    assert later.json()["id"] == made
    for path, document in ((f"{JOBS}/{second}/retry", None), ("/api/v1/generate", notes)):
        answer = await api.post(path, document, headers=wish)
        assert answer.status_code == 422
        assert answer.json()["type"] == "/problems/idempotency_key_reused"
