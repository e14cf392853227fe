"""Redis wakes those who wait for a job; whatever becomes of Redis, they are woken in time."""

import asyncio
import socket
import time

import pytest
import redis

from api.waiting import JobWatch
from api.wake_ear import WakeEar
from common.jobs.job import Stage
from common.jobs.wakes import Wakes, channel_of

JOBS = "/api/v1/jobs"
SOON = 0.5  # whoever looks once a second only is often later
NEVER = 3600


@pytest.fixture
async def api(start_api, valkey, database_url):
    """The API on each of the databases, with a Redis to be treated badly."""
    high = "100000/minute"
    return await start_api(
        redis_url=valkey.url,
        database_url=database_url,
        rate_limit_generation=high,
        rate_limit_authenticated=high,
    )


@pytest.fixture
def worker_wakes(valkey):
    """What a worker tells with."""
    wakes = Wakes(valkey.url)
    yield wakes
    wakes.stop()


async def until(condition, seconds=10):
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)


async def listening(valkey, count=1):
    await until(lambda: valkey.subscribers(channel_of(valkey.url)) == count)
    await asyncio.sleep(0.1)  # and the listener knows of it


def waiting_for(api, job_id, tag="1"):
    headers = api.good | {"If-None-Match": f'"{tag}"'}
    return asyncio.create_task(api.get(f"{JOBS}/{job_id}?wait=20", headers=headers))


def change(api, job_id):
    """As a worker that can't tell of it; when that was."""
    api.claim(job_id)
    return time.monotonic()


def test_many_changes_in_a_short_time_are_told_together(valkey, worker_wakes) -> None:
    with redis.Redis.from_url(valkey.url) as client, client.pubsub() as ear:
        ear.subscribe(channel_of(valkey.url))
        ear.get_message(timeout=5)  # it listens
        for _ in range(100):
            worker_wakes.tell("job_a")
            time.sleep(0.001)
        worker_wakes.tell("job_b")
        heard = []
        while b"job_b" not in heard:
            heard.append(ear.get_message(timeout=5)["data"])
    assert heard.count(b"job_a") <= 50


# Without the API: the watch never looks by itself here


@pytest.fixture
async def deaf_watch(valkey):
    """A watch that only looks at what it hears of, and the revisions that it finds."""
    revisions = {}
    watch = JobWatch(
        lambda ids: {each: revisions[each] for each in ids if each in revisions},
        ear=WakeEar(valkey.url),
        hearing_every_seconds=NEVER,
        keep_hearing_seconds=0,
    )
    yield watch, revisions
    await watch.stop()


async def test_who_is_told_of_looks(deaf_watch, valkey, worker_wakes) -> None:
    watch, revisions = deaf_watch
    revisions |= {"job_a": 1, "job_b": 1}
    waiting = [
        asyncio.create_task(watch.changed(job_id, 1, 20)) for job_id in ("job_a", "job_a", "job_b")
    ]
    await listening(valkey)
    worker_wakes.tell("job_a")  # of something that they know already
    await asyncio.sleep(0.2)
    assert not any(each.done() for each in waiting)
    revisions["job_a"] = 2
    worker_wakes.tell("job_a")
    started = time.monotonic()
    assert await asyncio.gather(*waiting[:2]) == [True, True]
    assert time.monotonic() - started < SOON
    assert not waiting[2].done()
    del revisions["job_b"]
    worker_wakes.tell("job_b")
    assert await waiting[2] is True


async def test_what_was_told_of_before_somebody_waited(deaf_watch, valkey) -> None:
    watch, revisions = deaf_watch
    revisions |= {"job_a": 1, "job_b": 2}
    first = asyncio.create_task(watch.changed("job_a", 1, 20))
    await listening(valkey)
    assert await watch.changed("job_b", 1, 5) is True
    first.cancel()


async def test_what_changed_while_nobody_heard(deaf_watch) -> None:
    watch, revisions = deaf_watch
    watch._every_seconds = NEVER  # not even before it hears
    revisions["job_a"] = 2
    assert await watch.changed("job_a", 1, 5) is True


async def test_listens_while_somebody_waits_and_no_longer(deaf_watch, valkey) -> None:
    watch, revisions = deaf_watch
    assert valkey.subscribers(channel_of(valkey.url)) == 0
    revisions["job_a"] = 1
    for _ in range(3):
        waiting = [asyncio.create_task(watch.changed("job_a", 1, 20)) for _ in range(5)]
        await listening(valkey)  # one for all of them
        revisions["job_a"] += 1
        with redis.Redis.from_url(valkey.url) as client:
            client.publish(channel_of(valkey.url), "job_a")
        assert all(await asyncio.gather(*waiting))
        await listening(valkey, count=0)
        revisions["job_a"] = 1


@pytest.mark.parametrize("said", [b"", b"\xff\xfe", b"job_a" * 100_000, b"job_unheard_of"])
async def test_whatever_somebody_publishes(deaf_watch, valkey, worker_wakes, said) -> None:
    watch, revisions = deaf_watch
    revisions["job_a"] = 1
    waiting = asyncio.create_task(watch.changed("job_a", 1, 20))
    await listening(valkey)
    with redis.Redis.from_url(valkey.url) as client:
        client.publish(channel_of(valkey.url), said)
    revisions["job_a"] = 2
    worker_wakes.tell("job_a")
    assert await waiting is True


async def test_a_flood_of_wakes_is_no_flood_of_looks(valkey, worker_wakes) -> None:
    looks = []

    def read(ids):
        looks.append(ids)
        return dict.fromkeys(ids, 1)

    watch = JobWatch(read, ear=WakeEar(valkey.url), hearing_every_seconds=NEVER)
    waiting = [asyncio.create_task(watch.changed(f"job_{n}", 1, 20)) for n in range(50)]
    await listening(valkey)
    looks.clear()
    for _ in range(10):
        for number in range(100):
            worker_wakes.tell(f"job_{number}")
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.2)
    assert 1 <= len(looks) <= 40
    assert all(len(ids) <= 50 for ids in looks)  # nobody waits for the others
    for each in waiting:
        each.cancel()
    await watch.stop()


# With it


async def test_a_worker_wakes_who_waits(api, valkey, worker_wakes) -> None:
    job_id = await api.submit()
    waiting = waiting_for(api, job_id)
    await listening(valkey)
    claims, claim = await asyncio.to_thread(api.claim, job_id, worker_wakes.tell)
    answer = await waiting
    assert answer.json()["status"] == "running"
    for revision, stage in ((2, Stage.RENDER), (3, Stage.VERIFY)):
        waiting = waiting_for(api, job_id, tag=revision)
        await asyncio.sleep(0.1)
        await asyncio.to_thread(claims.set_stage, claim, stage)
        changed = time.monotonic()
        assert (await waiting).json()["stage"] == stage
        assert time.monotonic() - changed < SOON


@pytest.mark.parametrize("what", ["cancel", "delete"])
async def test_so_does_the_api(api, valkey, what) -> None:
    job_id = await api.submit()
    waiting = waiting_for(api, job_id)
    await listening(valkey)
    started = time.monotonic()
    if what == "cancel":
        await api.post(f"{JOBS}/{job_id}/cancel")
    else:
        await api.client.delete(f"{JOBS}/{job_id}", headers=api.good)
    answer = await waiting
    assert answer.status_code == (200 if what == "cancel" else 404)
    assert time.monotonic() - started < SOON


async def test_what_nobody_tells_of_is_found_all_the_same(api, valkey) -> None:
    job_id = await api.submit()
    waiting = waiting_for(api, job_id)
    await listening(valkey)
    changed = await asyncio.to_thread(change, api, job_id)
    assert (await waiting).json()["status"] == "running"
    assert time.monotonic() - changed < 2


async def test_an_emptied_redis(api, valkey, worker_wakes) -> None:
    job_id = await api.submit()
    waiting = waiting_for(api, job_id)
    await listening(valkey)
    await asyncio.to_thread(valkey.flush)
    await asyncio.to_thread(api.claim, job_id, worker_wakes.tell)
    changed = time.monotonic()
    assert (await waiting).json()["status"] == "running"
    assert time.monotonic() - changed < SOON


async def test_redis_is_killed_while_somebody_waits(api, valkey, worker_wakes) -> None:
    job_id, other = await api.submit(), await api.submit()
    waiting = waiting_for(api, job_id)
    await listening(valkey)
    valkey.kill()
    await asyncio.sleep(0.3)
    changed = await asyncio.to_thread(change, api, job_id)
    assert (await waiting).json()["status"] == "running"
    assert time.monotonic() - changed < SOON  # it looks as often as without Redis
    # And once it is back, it is heard of changes again.
    waiting = waiting_for(api, other)
    await asyncio.to_thread(valkey.start)
    await listening(valkey)
    await asyncio.to_thread(api.claim, other, worker_wakes.tell)
    changed = time.monotonic()
    assert (await waiting).json()["status"] == "running"
    assert time.monotonic() - changed < 2


async def test_redis_hangs_while_somebody_waits(api, valkey) -> None:
    job_id, other = await api.submit(), await api.submit()
    waiting = waiting_for(api, job_id)
    await listening(valkey)
    valkey.freeze()
    try:
        changed = await asyncio.to_thread(change, api, job_id)
        assert (await waiting).json()["status"] == "running"
        assert time.monotonic() - changed < 2
        # Who comes now gets no answer from Redis, either
        waiting = waiting_for(api, other)
        await asyncio.sleep(1)
        changed = await asyncio.to_thread(change, api, other)
        assert (await waiting).json()["status"] == "running"
        assert time.monotonic() - changed < 2
    finally:
        valkey.thaw()


async def test_a_redis_that_never_was(start_api) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    api = await start_api(redis_url=f"redis://127.0.0.1:{port}/0")
    job_id = await api.submit()
    waiting = waiting_for(api, job_id)
    await asyncio.sleep(0.5)
    changed = await asyncio.to_thread(change, api, job_id)
    assert (await waiting).json()["status"] == "running"
    assert time.monotonic() - changed < SOON


# Telling


@pytest.mark.parametrize("state", ["there", "killed", "frozen"])
def test_telling_keeps_nobody_waiting(valkey, state) -> None:
    if state != "there":
        getattr(valkey, {"killed": "kill", "frozen": "freeze"}[state])()
    wakes = Wakes(valkey.url)
    longest = 0.0
    for number in range(5000):
        started = time.monotonic()
        wakes.tell(f"job_{number}")
        longest = max(longest, time.monotonic() - started)
    assert longest < 0.2
    started = time.monotonic()
    wakes.stop()
    assert time.monotonic() - started < 3


def test_once_redis_is_back_it_is_told_of_what_happens_then(valkey) -> None:
    valkey.kill()
    wakes = Wakes(valkey.url)
    wakes.tell("job_old")
    time.sleep(0.3)
    valkey.start()
    with redis.Redis.from_url(valkey.url) as client, client.pubsub() as subscription:
        subscription.subscribe(channel_of(valkey.url))
        assert subscription.get_message(timeout=2)["type"] == "subscribe"
        deadline = time.monotonic() + 10
        message = None
        while message is None:
            assert time.monotonic() < deadline
            wakes.tell("job_new")
            message = subscription.get_message(timeout=0.2)
        assert message["data"] == b"job_new"  # the old one was dropped
    wakes.stop()


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("redis://127.0.0.1:6379", "backbone:0:jobs.changed"),
        ("redis://:x@127.0.0.1:6379/7", "backbone:7:jobs.changed"),
        ("unix:///tmp/x.sock?db=3", "backbone:3:jobs.changed"),
    ],
)
def test_installations_in_other_databases_are_left_alone(url, name) -> None:
    assert channel_of(url) == name
