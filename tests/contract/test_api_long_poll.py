"""Waiting for a job: what is answered at once, what waits, and what a waiting request holds."""

import asyncio
import time

import pytest
from anyio.to_thread import current_default_thread_limiter

from common.jobs.job import Stage
from tests.contract.waiting import PATIENCE_SECONDS, eventually, note_waits, waited_for

JOBS = "/api/v1/jobs"
LONG = 60
"""Who waits so long in vain is told of no change: that is how it shows."""


@pytest.fixture
def waits(api):
    """For which job somebody has waited since then, and for how long at most."""
    return note_waits(api.services.watch)


async def timed(awaitable):
    started = time.monotonic()
    answer = await awaitable
    return answer, time.monotonic() - started


async def test_a_finished_job_is_answered_at_once(api, waits) -> None:
    job_id = await api.submit()
    api.finish(job_id, {"a": "b"})
    answer = await api.get(f"{JOBS}/{job_id}?wait=20")
    assert answer.status_code == 200
    known = api.good | {"If-None-Match": answer.headers["ETag"]}
    answer = await api.get(f"{JOBS}/{job_id}?wait=20", headers=known)
    assert answer.status_code == 304  # nothing more will come: waiting would be in vain
    assert waits == []


async def test_a_stale_revision_is_answered_at_once(api, waits) -> None:
    job_id = await api.submit()
    old = (await api.get(f"{JOBS}/{job_id}")).headers["ETag"]
    api.claim(job_id)
    known = api.good | {"If-None-Match": old}
    answer = await api.get(f"{JOBS}/{job_id}?wait=20", headers=known)
    assert answer.status_code == 200
    assert answer.json()["status"] == "running"
    assert answer.headers["ETag"] != old
    assert waits == []


@pytest.mark.parametrize("conditional", ["tag", "*", None])
async def test_the_next_change_ends_the_wait(api, conditional) -> None:
    job_id = await api.submit()
    tag = (await api.get(f"{JOBS}/{job_id}")).headers["ETag"]
    headers = api.good | (
        {"If-None-Match": tag if conditional == "tag" else conditional} if conditional else {}
    )
    waiting = asyncio.create_task(api.get(f"{JOBS}/{job_id}?wait={LONG}", headers=headers))
    await waited_for(api.services.watch, job_id)
    await asyncio.sleep(0.3)
    assert not waiting.done()
    claims, claim = await asyncio.to_thread(api.claim, job_id)
    answer = await waiting
    assert answer.status_code == 200
    assert answer.json()["status"] == "running"  # it was queued as the wait began
    headers = api.good | {"If-None-Match": answer.headers["ETag"]}
    waiting = asyncio.create_task(api.get(f"{JOBS}/{job_id}?wait={LONG}", headers=headers))
    await waited_for(api.services.watch, job_id)
    await asyncio.to_thread(claims.set_stage, claim, Stage.RENDER)
    assert (await waiting).json()["stage"] == "render"


async def test_nothing_new(api, waits) -> None:
    job_id = await api.submit()
    answer, seconds = await timed(api.get(f"{JOBS}/{job_id}?wait=1"))
    assert answer.status_code == 200
    assert seconds >= 1
    known = api.good | {"If-None-Match": answer.headers["ETag"]}
    answer, seconds = await timed(api.get(f"{JOBS}/{job_id}?wait=1", headers=known))
    assert answer.status_code == 304
    assert answer.content == b""
    assert int(answer.headers["Retry-After"]) >= 1
    assert seconds >= 1
    assert waits == [(job_id, 1)] * 2


async def test_without_waiting_what_is_known_is_not_sent(api, waits) -> None:
    job_id = await api.submit()
    tag = (await api.get(f"{JOBS}/{job_id}")).headers["ETag"]
    answer = await api.get(f"{JOBS}/{job_id}", headers=api.good | {"If-None-Match": tag})
    assert answer.status_code == 304
    assert waits == []


async def test_a_job_that_is_deleted_meanwhile(api) -> None:
    job_id = await api.submit()
    waiting = asyncio.create_task(api.get(f"{JOBS}/{job_id}?wait={LONG}"))
    await waited_for(api.services.watch, job_id)
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
    patient = f"{JOBS}/{job_id}?wait={LONG}"
    waiting = [asyncio.create_task(api.get(patient)) for _ in range(3 * threads)]
    await waited_for(api.services.watch, job_id, count=len(waiting))
    await eventually(lambda: not current_default_thread_limiter().borrowed_tokens)
    assert (await api.get(JOBS)).status_code == 200
    assert not any(task.done() for task in waiting)  # it did not wait for them
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
    gathered = asyncio.gather(*(api.get(f"{JOBS}/{job_id}?wait=1") for job_id in ids * 10))
    _, seconds = await timed(gathered)
    assert 1 <= looks <= seconds / api.services.watch._every_seconds + 2
    await asyncio.wait_for(api.services.watch._looking, PATIENCE_SECONDS)  # nobody waits for more
    before = looks
    await asyncio.sleep(0.5)
    assert looks == before  # nobody waits, nobody looks
