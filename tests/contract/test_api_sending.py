"""An accepted job is on its way to the workers at once, without the caller waiting for it."""

import asyncio
import base64
import json
import threading
import time

import pytest
import redis

from api.dispatch import RECOVER_EVERY_SECONDS, Dispatcher

QUEUE = "backbone"


async def eventually(look):
    """What `look` returns once it is true."""
    for _ in range(3000):
        if found := look():
            return found
        await asyncio.sleep(0.02)
    raise AssertionError("it never became true")


@pytest.fixture
def broker(valkey_url):
    """An empty broker."""
    with redis.Redis.from_url(valkey_url) as client:
        client.flushall()
        yield client


async def test_a_job_is_sent_as_soon_as_it_is_accepted(start_api, valkey_url, broker) -> None:
    api = await start_api(redis_url=valkey_url)
    job_id = await api.submit()
    message = json.loads((await eventually(lambda: broker.lrange(QUEUE, 0, -1)))[0])
    # The id of the job and nothing else, under the id of the job.
    assert message["headers"]["id"] == job_id
    arguments, keywords, _ = json.loads(base64.b64decode(message["body"]))
    assert arguments == [job_id]
    assert keywords == {}


async def test_a_free_place_is_filled_when_a_job_is_cancelled(
    start_api, valkey_url, broker
) -> None:
    api = await start_api(redis_url=valkey_url, worker_processes=1)
    ids = []
    for _ in range(3):  # two are sent ahead for each process
        ids.append(await api.submit())
        api.clock.step(1)
    await eventually(lambda: broker.llen(QUEUE) == 2)
    await api.post(f"/api/v1/jobs/{ids[0]}/cancel")
    await eventually(lambda: broker.llen(QUEUE) == 3)


@pytest.mark.parametrize("queue", ["without a queue", "with a queue"])
async def test_what_was_left_lying_is_put_right_without_a_worker(
    start_api, valkey_url, notes, queue
) -> None:
    api = await start_api(**({"redis_url": valkey_url} if queue == "with a queue" else {}))
    lost = await api.submit()
    late = await api.submit(notes | {"run": {"start_within_seconds": 10}})
    api.claim(lost)  # by a worker that dies
    assert (await api.post(f"/api/v1/jobs/{lost}/cancel")).status_code == 202
    await asyncio.sleep(0.2)  # nobody asks for anything any more
    api.clock.step(60)

    async def statuses() -> list[str]:
        return [(await api.get(f"/api/v1/jobs/{each}")).json()["status"] for each in (lost, late)]

    deadline = time.monotonic() + 15 * RECOVER_EVERY_SECONDS
    while await statuses() != ["cancelled", "failed"]:
        assert time.monotonic() < deadline, await statuses()
        await asyncio.sleep(0.1)


def nothing() -> None:
    """There is nothing to recover."""


def test_who_is_never_asked_recovers_again_and_again() -> None:
    calls: list[str] = []
    dispatcher = Dispatcher(
        lambda: calls.append("admit"), lambda: calls.append("recover"), every_seconds=0.05
    )
    dispatcher.start()
    deadline = time.monotonic() + 60
    while len(calls) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert calls[:3] == ["recover"] * 3
    dispatcher.soon()
    dispatcher.stop(60)
    assert calls[-1] == "admit"


def test_many_who_ask_cost_few_admissions() -> None:
    begun, go_on, times = threading.Event(), threading.Event(), []

    def admit():
        times.append(time.monotonic())
        begun.set()
        go_on.wait(60)

    dispatcher = Dispatcher(admit, nothing)
    dispatcher.soon()
    assert begun.wait(60)
    for _ in range(100):
        dispatcher.soon()
    go_on.set()
    dispatcher.stop(60)
    assert 2 <= len(times) <= 3


def test_an_admission_that_fails_is_not_the_last() -> None:
    done = threading.Event()
    outcomes = iter([OSError("no broker"), None])

    def admit():
        outcome = next(outcomes)
        if outcome is not None:
            raise outcome
        done.set()

    dispatcher = Dispatcher(admit, nothing)
    deadline = time.monotonic() + 60
    while not done.is_set() and time.monotonic() < deadline:
        dispatcher.soon()
        done.wait(0.05)
    dispatcher.stop()
    assert done.is_set()
