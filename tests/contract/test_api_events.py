"""`GET /jobs/{id}/events`: everything that happened to a job, from wherever one left off."""

import asyncio
import time
from datetime import datetime

import pytest

from api.wire import EventsShape
from common.db.tables import job_events
from common.jobs.events import EventReader
from common.jobs.job import Stage
from tests.contract.waiting import note_waits, waited_for

JOBS = "/api/v1/jobs"


@pytest.fixture
async def api(start_api, database_url):
    """The API on each of the databases."""
    high = "10000/minute"
    return await start_api(
        database_url=database_url, rate_limit_generation=high, rate_limit_authenticated=high
    )


@pytest.fixture
def run(api):
    """Be the worker that does a job in two stages: nine revisions with its submission."""

    def work(job_id):
        claims, claim = api.claim(job_id)
        claims.set_stage(claim, Stage.RENDER)
        claims.set_stage(claim, Stage.VERIFY)
        for done in range(1, 5):
            claims.set_progress(claim, done, 4)
        api.fail(claims, claim)

    return work


async def events(api, job_id, **query):
    answer = await api.get(f"{JOBS}/{job_id}/events", params=query)
    assert answer.status_code == 200, answer.text
    EventsShape.model_validate(answer.json())
    return answer.json()


async def test_nothing_that_happened_is_missing(api, run) -> None:
    job_id = await api.submit()
    await asyncio.to_thread(run, job_id)
    job = (await api.get(f"{JOBS}/{job_id}")).json()
    page = await events(api, job_id)
    told = [
        (each["revision"], each["status"], each["stage"], *each["progress"].values())
        for each in page["items"]
    ]
    assert told == [
        (1, "queued", None, 0, 0),
        (2, "running", None, 0, 0),
        (3, "running", "render", 0, 0),
        (4, "running", "verify", 0, 0),
        *((4 + done, "running", "verify", done, 4) for done in range(1, 5)),
        (9, "failed", None, 4, 4),
    ]
    assert page["next_after"] == 9
    assert job["links"]["events"] == f"{JOBS}/{job_id}/events"
    for each in page["items"]:
        assert each["at"].endswith("Z")
        assert abs(datetime.fromisoformat(each["at"]).timestamp() - time.time()) < 60


async def test_a_page_at_a_time(api, run) -> None:
    job_id = await api.submit()
    await asyncio.to_thread(run, job_id)
    seen, after = [], 0
    for _ in range(5):
        page = await events(api, job_id, after=after, limit=2)
        seen += [each["revision"] for each in page["items"]]
        after = page["next_after"]
    assert seen == list(range(1, 10))
    assert await events(api, job_id, after=after) == {"items": [], "next_after": 9}
    assert await events(api, job_id, after=2**63 - 1, limit=1000) == {
        "items": [],
        "next_after": 2**63 - 1,
    }


async def test_the_next_one_ends_the_wait(api) -> None:
    job_id = await api.submit()
    waiting = asyncio.create_task(events(api, job_id, after=1, wait=60))
    await waited_for(api.services.watch, job_id)
    await asyncio.sleep(0.3)
    assert not waiting.done()
    await asyncio.to_thread(api.claim, job_id)
    page = await waiting
    assert [each["status"] for each in page["items"]] == ["running"]
    assert page["next_after"] == 2


async def test_what_is_not_waited_for(api, run) -> None:
    waits = note_waits(api.services.watch)
    job_id = await api.submit()
    assert (await events(api, job_id, wait=20))["next_after"] == 1
    await asyncio.to_thread(run, job_id)
    assert (await events(api, job_id, after=9, wait=20))["items"] == []  # it has finished
    assert waits == []
    other = await api.submit()
    started = time.monotonic()
    assert await events(api, other, after=1, wait=1) == {"items": [], "next_after": 1}
    assert time.monotonic() - started >= 1
    assert waits == [(other, 1)]


async def test_who_follows_a_job_misses_nothing(api, run) -> None:
    job_id = await api.submit()
    working = asyncio.create_task(asyncio.to_thread(run, job_id))
    seen, after = [], 0
    async with asyncio.timeout(30):
        while not seen or seen[-1]["status"] != "failed":
            page = await events(api, job_id, after=after, wait=10)
            seen += page["items"]
            after = page["next_after"]
    await working
    assert [each["revision"] for each in seen] == list(range(1, 10))


async def test_a_job_that_is_deleted_meanwhile(api) -> None:
    job_id = await api.submit()
    waiting = asyncio.create_task(api.get(f"{JOBS}/{job_id}/events?after=1&wait=60"))
    await waited_for(api.services.watch, job_id)
    await api.client.delete(f"{JOBS}/{job_id}", headers=api.good)
    assert (await waiting).status_code == 404
    with api.engine.connect() as connection:
        assert connection.execute(job_events.select()).all() == []


async def test_a_job_from_before_there_were_events(api) -> None:
    job_id = await api.submit()
    with api.engine.begin() as connection:
        connection.execute(job_events.delete())
    assert await events(api, job_id) == {"items": [], "next_after": 0}
    waiting = asyncio.create_task(events(api, job_id, wait=60))
    await waited_for(api.services.watch, job_id)
    await asyncio.to_thread(api.claim, job_id)
    assert [each["revision"] for each in (await waiting)["items"]] == [2]


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", f"after={2**63}", "limit=0", "limit=1001", "wait=61", "wait=x"]
)
async def test_wrong_parameters(start_api, query) -> None:
    api = await start_api()
    answer = await api.get(f"{JOBS}/{await api.submit()}/events?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.json()["detail"]


async def test_who_may_read_a_job_may_read_its_events(start_api) -> None:
    api = await start_api()
    job_id = await api.submit()
    for scope, status in (("jobs:read", 200), ("validate", 403)):
        answer = await api.get(f"{JOBS}/{job_id}/events", headers=api.key(scope))
        assert answer.status_code == status


def test_events_are_found_by_their_key(engine, counting) -> None:
    with counting() as statements:
        EventReader(engine).read("job_01m84r2bpxptkgp46j6m66kp7n", after=3, limit=5)
    [statement] = statements
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", ("x", 3, 5, 0))
            [line] = [row[3] for row in plan]
        assert line.startswith("SEARCH job_events USING INDEX sqlite_autoindex_job_events_1 ")
        assert "(job_id=? AND revision>?)" in line
