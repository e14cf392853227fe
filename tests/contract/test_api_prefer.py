"""`Prefer: wait=N` on a request that makes a job: the answer comes when the job has finished."""

import asyncio
import time

import pytest
from anyio.to_thread import current_default_thread_limiter

from tests.contract.waiting import PATIENCE_SECONDS, eventually, note_waits, waited_for

GENERATE = "/api/v1/generate"
JOBS = "/api/v1/jobs"
LONG = "wait=60"
"""Whose wait is not ended by the job is answered with 202."""


@pytest.fixture
async def api(start_api, database_url):
    """The API on each of the databases."""
    high = "10000/minute"
    return await start_api(
        database_url=database_url, rate_limit_generation=high, rate_limit_authenticated=high
    )


def preferring(api, *values, **more):
    return [*api.good.items(), *more.items(), *(("Prefer", value) for value in values)]


async def only_job(api, *, beside=None) -> str:
    """The id of the one job (`beside` another), once there is one."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            items = (await api.get(JOBS)).json()["items"]
            for job in items:
                if job["id"] != beside:
                    return job["id"]
            await asyncio.sleep(0.02)


async def test_the_answer_is_the_finished_job(api, notes) -> None:
    waiting = asyncio.create_task(api.post(GENERATE, notes, headers=preferring(api, LONG)))
    job_id = await only_job(api)
    await asyncio.sleep(0.3)
    assert not waiting.done()
    await asyncio.to_thread(api.finish, job_id, {"a": "b"})
    answer = await waiting
    assert answer.status_code == 200
    assert answer.headers["Preference-Applied"] == LONG
    assert answer.headers["Location"] == f"{JOBS}/{job_id}"
    assert "Retry-After" not in answer.headers
    assert answer.json() == (await api.get(f"{JOBS}/{job_id}")).json()
    assert answer.json()["status"] == "succeeded"


async def test_other_changes_do_not_end_the_wait(api, notes, monkeypatch) -> None:
    watch, waits = api.services.watch, []
    changed = watch.changed

    async def until_the_time_is_up(job_id, revision, within_seconds):
        waits.append(within_seconds)
        return len(waits) == 1 and await changed(job_id, revision, within_seconds)

    monkeypatch.setattr(watch, "changed", until_the_time_is_up)
    waiting = asyncio.create_task(api.post(GENERATE, notes, headers=preferring(api, LONG)))
    job_id = await only_job(api)
    await waited_for(watch, job_id)
    await asyncio.to_thread(api.claim, job_id)
    answer = await waiting
    assert len(waits) == 2
    assert 60 >= waits[0] > waits[1] > 0  # what is left of it
    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == LONG
    assert answer.headers["Location"] == f"{JOBS}/{job_id}"
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.json()["status"] == "running"  # as it is then


async def test_a_cancel_is_an_end_too(api, notes) -> None:
    waiting = asyncio.create_task(api.post(GENERATE, notes, headers=preferring(api, LONG)))
    await api.post(f"{JOBS}/{await only_job(api)}/cancel")
    answer = await waiting
    assert answer.status_code == 200
    assert answer.json()["status"] == "cancelled"


async def test_a_retry_waits_too(api) -> None:
    old = await api.submit()
    await api.post(f"{JOBS}/{old}/cancel")
    waiting = asyncio.create_task(api.post(f"{JOBS}/{old}/retry", headers=preferring(api, LONG)))
    new = await only_job(api, beside=old)
    await asyncio.to_thread(api.finish, new, {"a": "b"})
    answer = await waiting
    assert answer.status_code == 200
    assert answer.json()["id"] == new
    assert answer.json()["retry_of"] == old


async def test_a_replay_waits_too(api, notes) -> None:
    wish = {"Idempotency-Key": "k"}
    first = await api.post(GENERATE, notes, headers=preferring(api, "wait=0", **wish))
    assert first.status_code == 202
    assert first.headers["Preference-Applied"] == "wait=0"
    waiting = asyncio.create_task(api.post(GENERATE, notes, headers=preferring(api, LONG, **wish)))
    await waited_for(api.services.watch, first.json()["id"])
    await asyncio.to_thread(api.finish, first.json()["id"], {"a": "b"})
    assert (await waiting).status_code == 200
    waits = note_waits(api.services.watch)
    finished = await api.post(GENERATE, notes, headers=preferring(api, LONG, **wish))
    assert finished.status_code == 200
    assert waits == []
    plain = await api.post(GENERATE, notes, headers=api.good | wish)
    assert plain.status_code == 202  # as without a preference
    assert {each.json()["id"] for each in (first, finished, plain)} == {first.json()["id"]}


@pytest.mark.parametrize(
    ("sent", "applied"),
    [
        (["wait=1"], 1),
        (['WAIT = "1"'], 1),
        (["respond-async, wait=1"], 1),
        (["respond-async", "wait=1; of=no; consequence"], 1),
        (['x="a, wait=9", wait=1'], 1),
        (["wait=1, wait=9"], 1),
        (["wait=0000001"], 1),
        (["wait"], None),
        (["wait="], None),
        (["wait=-1"], None),
        (["wait=1.5"], None),
        (["wait=soon"], None),
        (["wait=soon, wait=9"], None),
        (["wait=1 2"], None),
        (["wait=²"], None),
        (["waiting=9"], None),
        (['x="wait=9'], None),
        (["return=minimal"], None),
        (["", ",;=,"], None),
    ],
    ids=str,
)
async def test_what_is_understood(start_api, notes, sent, applied) -> None:
    api = await start_api()
    headers = [(name.encode(), value.encode("latin-1")) for name, value in preferring(api, *sent)]
    waits = note_waits(api.services.watch)
    started = time.monotonic()
    answer = await api.post(GENERATE, notes, headers=headers)
    assert answer.status_code == 202
    if applied is None:
        assert "Preference-Applied" not in answer.headers
        assert waits == []
    else:
        assert answer.headers["Preference-Applied"] == f"wait={applied}"
        assert time.monotonic() - started >= applied
        [(_, at_most)] = waits
        assert at_most <= applied


@pytest.mark.parametrize("asked", ["61", "9" * 5000])
async def test_nobody_waits_longer_than_a_minute(start_api, notes, asked) -> None:
    api = await start_api()
    waiting = asyncio.create_task(
        api.post(GENERATE, notes, headers=preferring(api, f"wait={asked}"))
    )
    await api.post(f"{JOBS}/{await only_job(api)}/cancel")
    assert (await waiting).headers["Preference-Applied"] == "wait=60"


async def test_a_job_that_is_deleted_meanwhile(api, notes) -> None:
    waiting = asyncio.create_task(api.post(GENERATE, notes, headers=preferring(api, LONG)))
    await api.client.delete(f"{JOBS}/{await only_job(api)}", headers=api.good)
    assert (await waiting).status_code == 404


async def test_a_refused_document_is_refused_at_once(api) -> None:
    waits = note_waits(api.services.watch)
    answer = await api.post(GENERATE, {}, headers=preferring(api, LONG))
    assert answer.status_code == 422
    assert waits == []


async def test_an_accepted_job_is_told_of_without_a_database(start_api, notes) -> None:
    api = await start_api()
    waiting = asyncio.create_task(api.post(GENERATE, notes, headers=preferring(api, "wait=3")))
    job_id = await only_job(api)
    api.lose_database()
    answer = await waiting
    assert answer.status_code == 202
    assert answer.json()["id"] == job_id


async def test_who_waits_holds_no_thread(start_api, notes) -> None:
    api = await start_api(rate_limit_generation="1000/minute")
    caller_id = api.callers.ensure("default").id
    waits = note_waits(api.services.watch)

    def cancel_all():
        for job_id, _ in waits:
            api.services.jobs.request_cancel(caller_id, job_id)

    threads = int(current_default_thread_limiter().total_tokens)
    waiting = [
        asyncio.create_task(api.post(GENERATE, notes, headers=preferring(api, LONG)))
        for _ in range(2 * threads)
    ]
    await eventually(lambda: len(waits) == len(waiting))
    await eventually(lambda: not current_default_thread_limiter().borrowed_tokens)
    assert (await api.get(JOBS)).status_code == 200
    assert not any(task.done() for task in waiting)  # it did not wait for them
    await asyncio.to_thread(cancel_all)
    assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200}
