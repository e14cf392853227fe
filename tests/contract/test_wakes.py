"""Redis wakes those who wait for a job; whatever becomes of Redis, they are woken in time."""

import asyncio
import socket
import threading
import time
from functools import partial
from itertools import islice

import pytest
import redis

from api.waiting import _BREATH_SECONDS, JobWatch
from api.wake_ear import WakeEar
from common.jobs.job import Stage
from common.jobs.wakes import Wakes, channel_of
from tests.contract.waiting import PATIENCE_SECONDS, eventually, waited_for

JOBS = "/api/v1/jobs"
LONG = 60
"""Who waits so long in vain is told of no change: that is how it shows."""
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
async def hearing_api(api):
    """It finds nothing by looking, but only what it hears of; or when it begins to hear."""
    hear_only(api)
    return api


def hear_only(api):
    api.services.watch._every_seconds = api.services.watch._hearing_every_seconds = NEVER


@pytest.fixture
def worker_wakes(valkey):
    """What a worker tells with."""
    wakes = Wakes(valkey.url)
    yield wakes
    wakes.stop()


async def listeners(valkey, count):
    counted = partial(valkey.subscribers, channel_of(valkey.url))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await asyncio.to_thread(counted) != count:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)


async def listening(valkey, watch):
    """Until the watch hears, knows of it, and has begun to look at what it may have missed."""
    await listeners(valkey, 1)
    await eventually(lambda: watch._ear.hears and watch._looked_at > 0)


async def waiting_for(api, job_id, tag="1"):
    """The request of somebody who knows that revision, once it waits."""
    headers = api.good | {"If-None-Match": f'"{tag}"'}
    waiting = asyncio.create_task(api.get(f"{JOBS}/{job_id}?wait={LONG}", headers=headers))
    await waited_for(api.services.watch, job_id)
    return waiting


async def change(api, job_id, *tell):
    """As a worker that can't tell of it, unless it is said how."""
    return await asyncio.to_thread(api.claim, job_id, *tell)


async def assert_running(waiting):
    answer = await waiting
    assert answer.status_code == 200, "it waited in vain"
    assert answer.json()["status"] == "running"


def test_many_changes_in_a_short_time_are_told_together(valkey, monkeypatch) -> None:
    wakes = Wakes(valkey.url)
    meanwhile = iter(["job_a"] * 300 + ["job_b"])

    def gather(_seconds):
        for job_id in islice(meanwhile, 100):
            wakes.tell(job_id)

    monkeypatch.setattr(wakes._stopping, "wait", gather)
    with redis.Redis.from_url(valkey.url) as client, client.pubsub() as ear:
        ear.subscribe(channel_of(valkey.url))
        ear.get_message(timeout=PATIENCE_SECONDS)  # it listens
        wakes.tell("job_a")
        heard = [ear.get_message(timeout=PATIENCE_SECONDS)["data"] for _ in range(5)]
    assert heard == [b"job_a"] * 4 + [b"job_b"]
    wakes.stop()


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
        asyncio.create_task(watch.changed(job_id, 1, LONG))
        for job_id in ("job_a", "job_a", "job_b")
    ]
    await listening(valkey, watch)
    worker_wakes.tell("job_a")  # of something that they know already
    await asyncio.sleep(0.2)
    assert not any(each.done() for each in waiting)
    revisions["job_a"] = 2
    worker_wakes.tell("job_a")
    assert await asyncio.gather(*waiting[:2]) == [True, True]
    assert not waiting[2].done()
    del revisions["job_b"]
    worker_wakes.tell("job_b")
    assert await waiting[2] is True


async def test_what_was_told_of_before_somebody_waited(deaf_watch, valkey) -> None:
    watch, revisions = deaf_watch
    revisions |= {"job_a": 1, "job_b": 2}
    first = asyncio.create_task(watch.changed("job_a", 1, LONG))
    await listening(valkey, watch)
    assert await watch.changed("job_b", 1, LONG) is True
    first.cancel()


async def test_what_changed_while_nobody_heard(deaf_watch) -> None:
    watch, revisions = deaf_watch
    watch._every_seconds = NEVER  # not even before it hears
    revisions["job_a"] = 2
    assert await watch.changed("job_a", 1, LONG) is True


async def test_listens_while_somebody_waits_and_no_longer(deaf_watch, valkey) -> None:
    watch, revisions = deaf_watch
    assert valkey.subscribers(channel_of(valkey.url)) == 0
    revisions["job_a"] = 1
    for _ in range(3):
        waiting = [asyncio.create_task(watch.changed("job_a", 1, LONG)) for _ in range(5)]
        await listening(valkey, watch)  # one for all of them
        revisions["job_a"] += 1
        with redis.Redis.from_url(valkey.url) as client:
            client.publish(channel_of(valkey.url), "job_a")
        assert all(await asyncio.gather(*waiting))
        await listeners(valkey, 0)
        revisions["job_a"] = 1


@pytest.mark.parametrize("said", [b"", b"\xff\xfe", b"job_a" * 100_000, b"job_unheard_of"])
async def test_whatever_somebody_publishes(deaf_watch, valkey, worker_wakes, said) -> None:
    watch, revisions = deaf_watch
    revisions["job_a"] = 1
    waiting = asyncio.create_task(watch.changed("job_a", 1, LONG))
    await listening(valkey, watch)
    with redis.Redis.from_url(valkey.url) as client:
        client.publish(channel_of(valkey.url), said)
    revisions["job_a"] = 2
    worker_wakes.tell("job_a")
    assert await waiting is True


class Flood:
    """An ear that the test talks to itself."""

    hears = True

    def open(self, hear, _turned):
        self.hear = hear

    async def close(self):
        pass


async def test_a_flood_of_wakes_is_no_flood_of_looks() -> None:
    looks = []

    def read(ids):
        looks.append(ids)
        return dict.fromkeys(ids, 1)

    flood = Flood()
    watch = JobWatch(read, ear=flood, hearing_every_seconds=NEVER)
    waiting = [asyncio.create_task(watch.changed(f"job_{n}", 1, LONG)) for n in range(50)]
    await waited_for(watch, "job_49")
    looks.clear()
    started = time.monotonic()
    while time.monotonic() - started < 0.5 or not looks:
        for number in range(100):
            flood.hear(f"job_{number}")
        await asyncio.sleep(0.001)
    # However long that took: there is a breath between two looks
    assert len(looks) <= (time.monotonic() - started) / _BREATH_SECONDS + 2
    assert all(len(ids) <= 50 for ids in looks)  # nobody waits for the others
    for each in waiting:
        each.cancel()
    await watch.stop()


# With it


async def test_a_worker_wakes_who_waits(hearing_api, valkey, worker_wakes) -> None:
    api = hearing_api
    job_id = await api.submit()
    waiting = await waiting_for(api, job_id)
    await listening(valkey, api.services.watch)
    claims, claim = await change(api, job_id, worker_wakes.tell)
    await assert_running(waiting)
    for revision, stage in ((2, Stage.RENDER), (3, Stage.VERIFY)):
        waiting = await waiting_for(api, job_id, tag=revision)
        await asyncio.to_thread(claims.set_stage, claim, stage)
        assert (await waiting).json()["stage"] == stage


@pytest.mark.parametrize("what", ["cancel", "delete"])
async def test_so_does_the_api(hearing_api, valkey, what) -> None:
    api = hearing_api
    job_id = await api.submit()
    waiting = await waiting_for(api, job_id)
    await listening(valkey, api.services.watch)
    if what == "cancel":
        await api.post(f"{JOBS}/{job_id}/cancel")
    else:
        await api.client.delete(f"{JOBS}/{job_id}", headers=api.good)
    assert (await waiting).status_code == (200 if what == "cancel" else 404)


async def test_what_nobody_tells_of_is_found_all_the_same(api, valkey) -> None:
    watch = api.services.watch
    assert watch._hearing_every_seconds <= 1
    watch._every_seconds = NEVER  # whoever hears has not to rely on that
    job_id = await api.submit()
    waiting = await waiting_for(api, job_id)
    await listening(valkey, watch)
    await change(api, job_id)
    await assert_running(waiting)


async def test_an_emptied_redis(hearing_api, valkey, worker_wakes) -> None:
    api = hearing_api
    job_id = await api.submit()
    waiting = await waiting_for(api, job_id)
    await listening(valkey, api.services.watch)
    await asyncio.to_thread(valkey.flush)
    await change(api, job_id, worker_wakes.tell)
    await assert_running(waiting)


async def test_redis_is_killed_while_somebody_waits(api, valkey, worker_wakes) -> None:
    watch = api.services.watch
    watch._hearing_every_seconds = NEVER
    job_id, other = await api.submit(), await api.submit()
    waiting = await waiting_for(api, job_id)
    await listening(valkey, watch)
    valkey.kill()
    await eventually(lambda: not watch._ear.hears)
    await change(api, job_id)
    await assert_running(waiting)  # it looks as often as without Redis
    # And once it is back, it is heard of changes again.
    hear_only(api)
    waiting = await waiting_for(api, other)
    await asyncio.to_thread(valkey.start)
    await listening(valkey, watch)
    await change(api, other, worker_wakes.tell)
    await assert_running(waiting)


async def test_redis_hangs_while_somebody_waits(api, valkey, monkeypatch) -> None:
    """While it is believed to be heard of, and for who comes when it has been given up."""
    monkeypatch.setattr("api.wake_ear._PING_SECONDS", 0.5)
    watch = api.services.watch
    job_id, other = await api.submit(), await api.submit()
    waiting = await waiting_for(api, job_id)
    await listening(valkey, api.services.watch)
    valkey.freeze()
    try:
        await change(api, job_id)
        await assert_running(waiting)
        await eventually(lambda: not watch._ear.hears)
        watch._hearing_every_seconds = NEVER
        waiting = await waiting_for(api, other)
        await change(api, other)
        await assert_running(waiting)
    finally:
        valkey.thaw()


async def test_a_redis_that_never_was(start_api) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    api = await start_api(redis_url=f"redis://127.0.0.1:{port}/0")
    api.services.watch._hearing_every_seconds = NEVER
    job_id = await api.submit()
    waiting = await waiting_for(api, job_id)
    await asyncio.sleep(0.5)
    await change(api, job_id)
    await assert_running(waiting)


# Telling


def assert_returns(call):
    """It does not wait for what is not going to come."""
    calling = threading.Thread(target=call, daemon=True)
    calling.start()
    calling.join(PATIENCE_SECONDS)
    assert not calling.is_alive()


@pytest.mark.parametrize("state", ["there", "killed", "frozen"])
def test_telling_keeps_nobody_waiting(valkey, state) -> None:
    if state != "there":
        getattr(valkey, {"killed": "kill", "frozen": "freeze"}[state])()
    wakes = Wakes(valkey.url)

    def tell():  # frozen: for many times as long as patience lasts, if each waits for Redis
        for number in range(5000):
            wakes.tell(f"job_{number}")

    assert_returns(tell)
    assert_returns(wakes.stop)


def test_telling_keeps_nobody_waiting_for_what_was_told_before(monkeypatch) -> None:
    wakes, told = Wakes("redis://127.0.0.1:1/0"), threading.Event()
    monkeypatch.setattr(wakes, "_publish", lambda _ids: told.wait())
    assert_returns(lambda: [wakes.tell(f"job_{number}") for number in range(5000)])
    assert_returns(wakes.stop)
    told.set()


def test_once_redis_is_back_it_is_told_of_what_happens_then(valkey) -> None:
    valkey.kill()
    wakes = Wakes(valkey.url)
    wakes.tell("job_old")
    until = time.monotonic() + PATIENCE_SECONDS
    while not wakes._away:
        assert time.monotonic() < until
        time.sleep(0.02)
    valkey.start()
    with redis.Redis.from_url(valkey.url) as client, client.pubsub() as subscription:
        subscription.subscribe(channel_of(valkey.url))
        assert subscription.get_message(timeout=PATIENCE_SECONDS)["type"] == "subscribe"
        until = time.monotonic() + PATIENCE_SECONDS
        message = None
        while message is None:
            assert time.monotonic() < until
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
