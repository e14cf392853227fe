"""Waiting for a job: what is answered at once, what waits, and what a waiting request holds."""

import asyncio
import time

import pytest
from anyio.to_thread import current_default_thread_limiter

from common.jobs.job import Stage

JOBS = "/api/v1/jobs"
AT_ONCE = 0.9


async def timed(awaitable):
    started = time.monotonic()
    answer = await awaitable
    return answer, time.monotonic() - started


async def test_a_finished_job_is_answered_at_once(api) -> None:
    job_id = await api.submit()
    api.finish(job_id, {"a": "b"})
    answer, seconds = await timed(api.get(f"{JOBS}/{job_id}?wait=20"))
    assert answer.status_code == 200
    assert seconds < AT_ONCE
    known = api.good | {"If-None-Match": answer.headers["ETag"]}
    answer, seconds = await timed(api.get(f"{JOBS}/{job_id}?wait=20", headers=known))
    assert answer.status_code == 304  # nothing more will come: waiting would be in vain
    assert seconds < AT_ONCE


async def test_a_stale_revision_is_answered_at_once(api) -> None:
    job_id = await api.submit()
    old = (await api.get(f"{JOBS}/{job_id}")).headers["ETag"]
    api.claim(job_id)
    known = api.good | {"If-None-Match": old}
    answer, seconds = await timed(api.get(f"{JOBS}/{job_id}?wait=20", headers=known))
    assert answer.status_code == 200
    assert answer.json()["status"] == "running"
    assert answer.headers["ETag"] != old
    assert seconds < AT_ONCE


@pytest.mark.parametrize("conditional", ["tag", "*", None])
async def test_the_next_change_ends_the_wait(api, conditional) -> None:
    job_id = await api.submit()
    tag = (await api.get(f"{JOBS}/{job_id}")).headers["ETag"]
    headers = api.good | (
        {"If-None-Match": tag if conditional == "tag" else conditional} if conditional else {}
    )
    waiting = asyncio.create_task(timed(api.get(f"{JOBS}/{job_id}?wait=20", headers=headers)))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    claims, claim = await asyncio.to_thread(api.claim, job_id)
    answer, seconds = await waiting
    assert answer.status_code == 200
    assert answer.json()["status"] == "running"
    assert 0.3 <= seconds < 3
    headers = api.good | {"If-None-Match": answer.headers["ETag"]}
    waiting = asyncio.create_task(api.get(f"{JOBS}/{job_id}?wait=20", headers=headers))
    await asyncio.sleep(0.3)
    await asyncio.to_thread(claims.set_stage, claim, Stage.RENDER)
    assert (await waiting).json()["stage"] == "render"


async def test_nothing_new(api) -> None:
    job_id = await api.submit()
    answer, seconds = await timed(api.get(f"{JOBS}/{job_id}?wait=1"))
    assert answer.status_code == 200
    assert 1 <= seconds < 3
    known = api.good | {"If-None-Match": answer.headers["ETag"]}
    answer, seconds = await timed(api.get(f"{JOBS}/{job_id}?wait=1", headers=known))
    assert answer.status_code == 304
    assert answer.content == b""
    assert int(answer.headers["Retry-After"]) >= 1
    assert 1 <= seconds < 3


async def test_without_waiting_what_is_known_is_not_sent(api) -> None:
    job_id = await api.submit()
    tag = (await api.get(f"{JOBS}/{job_id}")).headers["ETag"]
    answer, seconds = await timed(
        api.get(f"{JOBS}/{job_id}", headers=api.good | {"If-None-Match": tag})
    )
    assert answer.status_code == 304
    assert seconds < AT_ONCE


async def test_a_job_that_is_deleted_meanwhile(api) -> None:
    job_id = await api.submit()
    waiting = asyncio.create_task(api.get(f"{JOBS}/{job_id}?wait=20"))
    await asyncio.sleep(0.3)
    await api.client.delete(f"{JOBS}/{job_id}", headers=api.good)
    assert (await waiting).status_code == 404


@pytest.mark.parametrize("wait", ["-1", "61", "long", "1.5"])
async def test_waits_that_are_refused(api, wait) -> None:
    answer = await api.get(f"{JOBS}/{await api.submit()}?wait={wait}")
    assert answer.status_code == 422
    assert "wait" in answer.json()["detail"]


async def test_who_waits_holds_no_thread(start_api) -> None:
    api = await start_api(rate_limit_authenticated="10000/minute")
    job_id = await api.submit()
    threads = int(current_default_thread_limiter().total_tokens)
    waiting = [asyncio.create_task(api.get(f"{JOBS}/{job_id}?wait=30")) for _ in range(3 * threads)]
    await asyncio.sleep(0.5)
    async with asyncio.timeout(20):  # until all have arrived; each asks the database once
        while current_default_thread_limiter().borrowed_tokens:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.1)
    assert not any(task.done() for task in waiting)
    answer, seconds = await timed(api.get(JOBS))
    assert answer.status_code == 200
    assert seconds < 2
    await asyncio.to_thread(api.claim, job_id)
    for answer in await asyncio.gather(*waiting):
        assert answer.json()["status"] == "running"


async def test_all_who_wait_share_one_look(start_api) -> None:
    api = await start_api(
        rate_limit_authenticated="10000/minute", rate_limit_generation="100/minute"
    )
    looks = 0
    read = api.services.watch._read_revisions

    def counting(job_ids):
        nonlocal looks
        looks += 1
        return read(job_ids)

    api.services.watch._read_revisions = counting
    ids = [await api.submit() for _ in range(5)]
    await asyncio.gather(*(api.get(f"{JOBS}/{job_id}?wait=1") for job_id in ids * 10))
    assert 1 <= looks <= 12
    await asyncio.sleep(0.5)
    before = looks
    await asyncio.sleep(0.5)
    assert looks == before  # nobody waits, nobody looks
