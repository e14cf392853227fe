"""Redis goes: limits hold in this process, jobs are accepted, nobody waits. Redis comes back."""

import asyncio
import socket
import threading

import pytest
import redis

from api.rate_limits import RateLimits, Tier
from common.settings import Settings
from tests.contract.waiting import PATIENCE_SECONDS

JOBS = "/api/v1/jobs"


@pytest.fixture
def hanging_url():
    """The URL of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def refusing_url():
    """The URL of a port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"redis://127.0.0.1:{port}/0"


@pytest.fixture(params=["refusing_url", "hanging_url"])
def broken_url(request):
    return request.getfixturevalue(request.param)


async def test_limits_go_on_at_the_same_rates(start_api, broken_url) -> None:
    api = await start_api(redis_url=broken_url, rate_limit_authenticated="5/minute")
    answers = [await api.get(JOBS) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == list("432100")
    assert answers[5].headers["Retry-After"] == "60"


async def test_jobs_are_accepted(start_api, broken_url, notes) -> None:
    api = await start_api(redis_url=broken_url)
    answer = await api.post("/api/v1/generate", notes)
    assert answer.status_code == 202
    assert (await api.get(answer.headers["Location"])).json()["status"] == "queued"


async def test_nobody_waits_until_a_job_is_sent(start_api, hanging_url, notes, monkeypatch) -> None:
    api = await start_api(redis_url=hanging_url)
    answered, waited = threading.Event(), []
    monkeypatch.setattr(
        api.services.dispatcher,
        "_admit",
        lambda: waited.append(not answered.wait(PATIENCE_SECONDS)),
    )
    for _ in range(2):
        assert (await api.post("/api/v1/generate", notes)).status_code == 202
    answered.set()
    api.services.dispatcher.stop(PATIENCE_SECONDS)
    assert waited
    assert not any(waited)


async def test_only_one_request_pays_for_finding_out(start_api, hanging_url, monkeypatch) -> None:
    api = await start_api(redis_url=hanging_url, rate_limit_authenticated="1000/minute")
    shared, asked = api.services.limits._shared, []
    take = shared.take

    def taking(bucket, *more, **how):
        asked.append(bucket)
        return take(bucket, *more, **how)

    monkeypatch.setattr(shared, "take", taking)
    await api.get(JOBS)
    assert len(asked) == 1
    for _ in range(20):
        assert (await api.get(JOBS)).status_code == 200
    assert len(asked) == 1
    # A second later one of many asks again, and the others don't.
    api.clock.step(2)
    answers = await asyncio.gather(*(api.get(JOBS) for _ in range(20)))
    assert [answer.status_code for answer in answers] == [200] * 20
    assert len(asked) == 2


def limits_on(url, clock) -> RateLimits:
    settings = Settings(_env_file=None, rate_limit_authenticated="5/minute")
    return RateLimits(settings, redis_url=url, clock=clock)


def test_redis_comes_back(clock, valkey_url, refusing_url) -> None:
    limits = limits_on(refusing_url, clock)
    assert limits.hit(Tier.AUTHENTICATED, "back").remaining == 4
    # The server is up again, at the same address as far as the limits can tell.
    limits._shared = limits_on(valkey_url, clock)._shared
    assert limits.hit(Tier.AUTHENTICATED, "back").remaining == 3  # not asked again yet
    clock.step(1)
    assert limits.hit(Tier.AUTHENTICATED, "back").remaining == 4
    assert limits.hit(Tier.AUTHENTICATED, "back").remaining == 3
    another_process = limits_on(valkey_url, clock)
    assert another_process.hit(Tier.AUTHENTICATED, "back").remaining == 2


def test_a_flushed_redis_is_no_failure(clock, valkey_url) -> None:
    limits = limits_on(valkey_url, clock)
    limits.hit(Tier.AUTHENTICATED, "flushed")
    with redis.Redis.from_url(valkey_url) as client:
        client.flushall()
        client.script_flush()
        client.client_kill_filter(_type="normal", skipme=True)
    assert limits.hit(Tier.AUTHENTICATED, "flushed").remaining == 4
    assert limits.hit(Tier.AUTHENTICATED, "flushed").remaining == 3


def test_looking_takes_no_place(clock, valkey_url) -> None:
    for limits in (limits_on(valkey_url, clock), limits_on(None, clock)):
        limits.hit(Tier.AUTHENTICATED, "look")
        for _ in range(9):
            standing = limits.look(Tier.AUTHENTICATED, "look")
            assert standing.remaining == 4


def test_windows_in_redis_go_away_by_themselves(clock, valkey_url) -> None:
    limits_on(valkey_url, clock).hit(Tier.AUTHENTICATED, "expiring")
    with redis.Redis.from_url(valkey_url) as client:
        for key in client.keys("*expiring*"):
            assert 0 < client.pttl(key) <= 60_000


def test_forgotten_buckets_are_swept_from_memory(clock) -> None:
    limits = limits_on(None, clock)
    for number in range(10_001):
        limits.hit(Tier.PUBLIC, f"address-{number}")
    clock.step(61)
    limits.hit(Tier.PUBLIC, "one more")
    assert len(limits._local._hits) == 1


def test_memory_is_not_swept_at_each_request_of_a_flood(clock) -> None:
    limits = limits_on(None, clock)
    limits.hit(Tier.PUBLIC, "early")
    clock.step(59.5)
    for number in range(10_001):  # the last finds too many, and sweeps for nothing
        limits.hit(Tier.PUBLIC, f"address-{number}")
    clock.step(0.7)
    limits.hit(Tier.PUBLIC, "one more")
    assert len(limits._local._hits) == 10_003
    clock.step(0.3)
    limits.hit(Tier.PUBLIC, "one more")
    assert len(limits._local._hits) == 10_002
