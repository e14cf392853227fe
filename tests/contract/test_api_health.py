"""Health and metrics, with and without what the platform needs."""

import asyncio
import re
import time

import pytest

from api.health import HealthCheck
from api.wire import DetailedHealthShape, HealthShape
from common.jobs.job import JobStatus
from tests.silent_server import SilentServer


@pytest.fixture
def patiently(monkeypatch):
    """What is there may take its time to answer, on a machine that is busy."""
    monkeypatch.setattr("api.health.LONGEST_SECONDS", 60)


NOBODY_LISTENS = "redis://127.0.0.1:1/0"


def samples(text: str) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in re.findall(r"^(backbone_[^ ]+) ([\d.e+-]+)$", text, re.MULTILINE)
    }


@pytest.mark.parametrize("path", ["/health", "/health/readiness", "/health/detailed"])
@pytest.mark.usefixtures("patiently")
async def test_all_is_well(start_api, valkey_url, path) -> None:
    api = await start_api(redis_url=valkey_url)
    answer = await api.client.get(path)
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/health", "/health/readiness", "/health/detailed"])
@pytest.mark.usefixtures("patiently")
async def test_without_the_broker_it_is_degraded(start_api, path) -> None:
    api = await start_api(redis_url=NOBODY_LISTENS)
    answer = await api.client.get(path)
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"


async def test_a_broker_that_says_nothing_keeps_nobody_waiting(start_api, notes) -> None:
    with SilentServer() as broker:
        api = await start_api(celery_broker_url=f"redis://127.0.0.1:{broker.port}/0")
        came, began_at = broker.count, time.monotonic()
        asked = [asyncio.create_task(api.client.get("/health/detailed")) for _ in range(60)]
        await asyncio.sleep(0)
        for _ in range(3):
            assert (await api.post("/api/v1/generate", notes)).status_code == 202
        for answer in await asyncio.gather(*asked):
            assert answer.status_code == 200
            assert answer.json()["components"]["broker"]["status"] == "down"
        # One for the health, one for admission and its next try; and so on if it takes longer
        seconds = time.monotonic() - began_at
        assert broker.count <= came + 3 + 2 * seconds


async def test_what_was_answered_is_good_for_a_second(monkeypatch) -> None:
    times, asked = [100.0], []
    monkeypatch.setattr("api.health.monotonic", lambda: times[-1])
    check = HealthCheck({"broker": lambda: asked.append(times[-1])})
    for time_of_question in (100.0, 100.9, 101.1, 101.2):
        times.append(time_of_question)
        assert (await check.ask()).components["broker"].status == "ok"
    assert asked == [100.0, 101.1]


@pytest.mark.parametrize("path", ["/health", "/health/readiness", "/health/detailed"])
async def test_without_the_database_it_is_unavailable(api, path) -> None:
    api.lose_database()
    answer = await api.client.get(path)
    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("path", ["/health", "/health/liveness", "/health/readiness", "/metrics"])
async def test_head_is_answered_like_get(api, path) -> None:
    assert (await api.client.head(path)).status_code == 200
    api.lose_database()
    got, head = await api.client.get(path), await api.client.head(path)
    assert head.status_code == got.status_code
    assert head.headers["Content-Type"] == got.headers["Content-Type"]


async def test_liveness_asks_nobody(start_api) -> None:
    api = await start_api(redis_url=NOBODY_LISTENS)
    api.lose_database()
    answer = await api.client.get("/health/liveness")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}
    HealthShape.model_validate(answer.json())


@pytest.mark.usefixtures("patiently")
async def test_details(start_api) -> None:
    api = await start_api(redis_url=NOBODY_LISTENS)
    answer = await api.client.get("/health/detailed")
    DetailedHealthShape.model_validate(answer.json())
    components = answer.json()["components"]
    assert components["database"]["status"] == "ok"
    assert components["database"]["seconds"] >= 0
    assert components["broker"]["status"] == "down"
    assert "127.0.0.1" not in answer.text


async def test_a_platform_without_a_queue_is_not_called_broken(api) -> None:
    components = (await api.client.get("/health/detailed")).json()["components"]
    assert components["broker"] == {"status": "not_configured", "seconds": None}


async def test_requests_are_counted_by_route_template(api) -> None:
    job_id = await api.submit()
    for path in (f"/api/v1/jobs/{job_id}", "/api/v1/jobs/job_x", "/api/v1/jobs/job_y"):
        await api.get(path)
    for path in ("/one", "/two", "/api/v1/three"):
        await api.get(path)
    await api.client.get("/api/v1/jobs")
    await api.client.request("BREW", "/api/v1/jobs")
    text = (await api.client.get("/metrics")).text
    found = samples(text)
    job = "/api/v1/jobs/{job_id}"

    def requests(method, endpoint, status):
        labels = f'endpoint="{endpoint}",method="{method}",status="{status}"'
        return found[f"backbone_http_requests_total{{{labels}}}"]

    assert requests("GET", job, 200) == 1
    assert requests("GET", job, 404) == 2
    assert requests("POST", "/api/v1/generate", 202) == 1
    assert requests("GET", "/api/v1/jobs", 401) == 1
    assert requests("GET", "unknown_route", 404) == 3
    assert (
        found[f'backbone_http_request_duration_seconds_count{{endpoint="{job}",method="GET"}}'] == 3
    )
    # Whatever is asked for, the labels stay few.
    assert job_id not in text
    assert "job_x" not in text
    assert "BREW" not in text


async def test_the_alerts_of_the_first_version_find_their_labels(start_api) -> None:
    api = await start_api(rate_limit_public="1/minute")
    for _ in range(2):
        await api.client.get("/api/v1/jobs")
    object.__setattr__(api.services, "jobs", None)
    await api.get("/api/v1/jobs")
    found = samples((await api.client.get("/metrics")).text)
    for status in ("401", "429", "500"):
        assert [
            name
            for name in found
            if name.startswith("backbone_http_requests_total{") and f'status="{status}"' in name
        ]


async def test_jobs_are_counted_when_they_are_asked_for(api) -> None:
    async def gauges(*, queued: int):
        """What is told as soon as so many are; an older count serves for a while."""
        while True:
            found = samples((await api.client.get("/metrics")).text)
            if found['backbone_jobs{status="queued"}'] == queued:
                return found
            await asyncio.sleep(0.05)

    found = await gauges(queued=0)
    for status in JobStatus:
        assert found[f'backbone_jobs{{status="{status}"}}'] == 0
    assert found["backbone_oldest_queued_seconds"] == 0
    first = await api.submit()
    api.clock.step(30)
    await api.submit()
    api.clock.step(12)
    found = await gauges(queued=2)
    assert 42 <= found["backbone_oldest_queued_seconds"] < 43
    api.finish(first, {"a": "b"})
    found = await gauges(queued=1)
    assert found['backbone_jobs{status="succeeded"}'] == 1
    assert 12 <= found["backbone_oldest_queued_seconds"] < 13


async def test_metrics_without_the_database(api) -> None:
    api.lose_database()
    answer = await api.client.get("/metrics")
    assert answer.status_code == 200
    assert "backbone_http_requests_total" in answer.text
    assert "backbone_jobs{" not in answer.text
