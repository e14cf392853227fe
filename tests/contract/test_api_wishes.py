"""An `Idempotency-Key` stands for its job for 24 hours: between processes, and through restarts."""

import asyncio

import pytest

from common.jobs.expiry import expire
from common.jobs.retention import Retention

GENERATE = "/api/v1/generate"
JOBS = "/api/v1/jobs"
DAY = 24 * 3600


@pytest.fixture
def start(start_api, database_url):
    """Starts the API on one database, once more for each call: as another process would be."""

    async def begin():
        return await start_api(database_url=database_url, rate_limit_generation="1000/minute")

    return begin


def wishing(api, key="first"):
    return api.good | {"Idempotency-Key": key}


def keys(api):
    with api.engine.connect() as connection:
        statement = "SELECT idempotency_key, idempotency_sha256 FROM jobs ORDER BY id"
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


async def test_a_day_and_no_longer(start, notes) -> None:
    api = await start()
    other = notes | {"project_name": "other"}
    first = (await api.post(GENERATE, notes, headers=wishing(api))).json()
    api.clock.step(DAY - 1)
    again = await api.post(GENERATE, notes, headers=wishing(api))
    assert again.json()["id"] == first["id"]
    assert (await api.post(GENERATE, other, headers=wishing(api))).status_code == 422
    api.clock.step(1)
    fresh = await api.post(GENERATE, other, headers=wishing(api))
    assert fresh.status_code == 202
    assert fresh.json()["id"] != first["id"]
    # From now on it stands for the new one, and the old one is there all the same.
    again = await api.post(GENERATE, other, headers=wishing(api))
    assert again.json()["id"] == fresh.json()["id"]
    assert (await api.post(GENERATE, notes, headers=wishing(api))).status_code == 422
    assert (await api.get(f"{JOBS}/{first['id']}")).json()["status"] == "queued"
    assert [key for key, _ in keys(api)] == [None, "first"]


async def test_a_retry_that_is_a_day_old(start) -> None:
    api = await start()
    job_id = await api.submit()
    await api.post(f"{JOBS}/{job_id}/cancel")
    first, again = [
        (await api.post(f"{JOBS}/{job_id}/retry", headers=wishing(api))).json()["id"]
        for _ in range(2)
    ]
    assert first == again
    api.clock.step(DAY)
    later = (await api.post(f"{JOBS}/{job_id}/retry", headers=wishing(api))).json()
    assert later["id"] != first
    assert later["retry_of"] == job_id


async def test_an_old_key_that_many_use_at_once(start, notes) -> None:
    apis = [await start() for _ in range(3)]
    old = (await apis[0].post(GENERATE, notes, headers=wishing(apis[0]))).json()["id"]
    apis[0].clock.step(DAY + 1)
    answers = await asyncio.gather(
        *(api.post(GENERATE, notes, headers=wishing(api)) for api in apis * 6),
        *(api.post(GENERATE, notes) for api in apis),  # which share commits with them
    )
    assert {answer.status_code for answer in answers} == {202}
    ids = [answer.json()["id"] for answer in answers]
    assert len(set(ids[:-3])) == 1
    assert len({old, *ids}) == 5
    assert sorted(key for key, _ in keys(apis[0]) if key) == ["first"]


async def test_an_old_key_with_two_bodies_at_once(start, notes) -> None:
    apis = [await start() for _ in range(2)]
    await apis[0].post(GENERATE, notes, headers=wishing(apis[0]))
    apis[0].clock.step(DAY + 1)
    bodies = [notes | {"project_name": f"p{number}"} for number in range(2)]
    answers = await asyncio.gather(
        *(
            api.post(GENERATE, body, headers=wishing(api))
            for api, body in zip(apis, bodies, strict=True)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [202, 422]


async def test_survives_a_restart(start, notes) -> None:
    api = await start()
    first = (await api.post(GENERATE, notes, headers=wishing(api))).json()["id"]
    restarted = await start()
    answer = await restarted.post(GENERATE, notes, headers=wishing(restarted))
    assert answer.json()["id"] == first


async def test_a_replay_says_what_a_poll_says(start, notes) -> None:
    api = await start()
    await api.submit()
    api.clock.step(1)
    mine = (await api.post(GENERATE, notes, headers=wishing(api))).json()["id"]
    again = (await api.post(GENERATE, notes, headers=wishing(api))).json()
    assert again["queue_position"] == 2
    assert again == (await api.get(f"{JOBS}/{mine}")).json()


async def test_old_keys_are_cleared_and_nobody_sees_it(start, notes) -> None:
    api = await start()
    old = [
        (await api.post(GENERATE, notes, headers=wishing(api, f"k{number}"))).json()["id"]
        for number in range(3)
    ]
    api.clock.step(DAY)
    young = (await api.post(GENERATE, notes, headers=wishing(api, "young"))).json()["id"]
    tags = [(await api.get(f"{JOBS}/{job_id}")).headers["ETag"] for job_id in old]
    keep = Retention.from_settings(api.settings)
    expire(api.engine, api.clock(), keep, lambda _: None)
    [*cleared, (key, _)] = keys(api)
    assert cleared == [(None, None)] * 3
    assert key == "young"
    assert tags == [(await api.get(f"{JOBS}/{job_id}")).headers["ETag"] for job_id in old]
    again = await api.post(GENERATE, notes, headers=wishing(api, "young"))
    assert again.json()["id"] == young
