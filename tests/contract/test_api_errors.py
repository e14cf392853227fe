"""Every error is a problem that names itself and its request, and gives nothing away."""

import logging
from urllib.parse import quote

import pytest

from api.envelope import PREFIX
from common.ids import new_id

MEMBERS = {"type", "title", "status", "detail", "instance", "request_id", "code"}


def assert_problem(answer, status, code) -> dict:
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem.keys() >= MEMBERS
    assert problem["status"] == status
    assert problem["type"] == f"/problems/{code}"
    assert problem["code"] == code
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert problem["title"]
    assert problem["detail"]
    return problem


@pytest.mark.parametrize(
    "path",
    ["/", "/nothing", "/api", "/api/v2/jobs", "/api/v1", "/api/v1/", "/api/v1/jobs/", "/docs/"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
async def test_unknown_routes(api, path, method) -> None:
    answer = await api.client.request(method, path, headers=api.good)
    problem = assert_problem(answer, 404, "not_found")
    assert problem["instance"] == path


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/v1/generate", {"POST"}),
        ("DELETE", "/api/v1/validate", {"POST"}),
        ("POST", "/api/v1/jobs", {"GET"}),
        ("PUT", "/api/v1/jobs/job_x", {"GET", "DELETE"}),
        ("GET", "/api/v1/jobs/job_x/cancel", {"POST"}),
        ("POST", "/api/v1/jobs/job_x/artifact", {"GET"}),
        ("HEAD", "/api/v1/jobs", {"GET"}),
        ("TRACE", "/api/v1/jobs", {"GET"}),
        ("POST", "/health", {"GET"}),
        ("DELETE", "/metrics", {"GET"}),
    ],
)
async def test_wrong_methods(api, method, path, allowed) -> None:
    answer = await api.client.request(method, path, headers=api.good)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed
    if method != "HEAD":
        assert_problem(answer, 405, "method_not_allowed")


@pytest.fixture
async def broken(start_api):
    """The API with a bug in it."""
    api = await start_api()

    class Buggy:
        def list(self, *_, **__):
            raise ZeroDivisionError("the-secret-of-the-house")

    object.__setattr__(api.services, "jobs", Buggy())
    return api


async def test_a_bug_tells_the_caller_nothing(broken, caplog) -> None:
    with caplog.at_level(logging.ERROR):
        answer = await broken.get("/api/v1/jobs")
    problem = assert_problem(answer, 500, "internal_error")
    for word in ("ZeroDivision", "Traceback", "the-secret", ".py"):
        assert word not in answer.text
    assert answer.headers["X-RateLimit-Limit"] == "100"
    assert answer.headers["Content-Security-Policy"]
    # The log has what the answer has not, under the same id.
    assert problem["request_id"] in [vars(record).get("request_id") for record in caplog.records]
    assert "ZeroDivisionError" in caplog.text


async def test_every_answer_has_a_request_id_of_its_own(api) -> None:
    seen = set()
    for path in ("/api/v1/jobs", "/api/v1/nothing", "/nothing", "/health", "/docs", "/metrics"):
        for headers in ({}, api.good):
            answer = await api.get(path, headers=headers)
            seen.add(answer.headers["X-Request-ID"])
    assert len(seen) == 12
    assert all(len(request_id) >= 20 for request_id in seen)


async def test_a_harmless_request_id_is_kept(api) -> None:
    headers = api.good | {"X-Request-ID": "my-trace.0123_abc"}
    answer = await api.get("/api/v1/nothing", headers=headers)
    assert answer.headers["X-Request-ID"] == "my-trace.0123_abc"
    assert answer.json()["request_id"] == "my-trace.0123_abc"


@pytest.mark.parametrize(
    "sent", ["short", "x" * 65, "with blank in it", "<script>alert(1)</script>", b"\xff" * 10, ""]
)
async def test_any_other_is_replaced(api, sent) -> None:
    answer = await api.get("/api/v1/jobs", headers=api.good | {"X-Request-ID": sent})
    assert answer.headers["X-Request-ID"].startswith("req_")


async def test_nothing_is_repeated_at_length(api, notes) -> None:
    long = "z" * 900
    notes["schema"][0]["columns"] += [{"name": long, "type": long, "target": long, long: long}]
    notes["db_type"] = long
    answer = await api.post("/api/v1/generate", notes)
    assert answer.status_code == 422
    assert len(answer.content) < 6000
    answer = await api.get("/api/v1/" + "y" * 5000)
    assert answer.status_code == 404
    assert len(answer.content) < 1000


async def test_no_secret_is_repeated(api) -> None:
    secret = "a-key-that-is-wrong-but-nobodys-business"
    for headers in ({"X-API-Key": secret}, {"Authorization": f"Bearer {secret}"}):
        answer = await api.get("/api/v1/jobs", headers=headers)
        assert secret not in answer.text
        assert secret not in str(answer.headers)
    for path in ("/api/v1/status", "/health/detailed", "/metrics", "/openapi.json"):
        text = (await api.get(path)).text
        assert api.good["X-API-Key"] not in text
        assert api.signer.secret not in text


@pytest.mark.parametrize(
    "path", ["/api/v1/jobs/{}", "/{}", "/api/v1/jobs/{}/events", "/api/v1/{}/x"]
)
async def test_no_credential_in_a_path_is_repeated(api, path) -> None:
    key, chosen = api.good["X-API-Key"], "chosen key! of 32 characters, at least"
    for secret in (key, api.bearer()["Authorization"].removeprefix("Bearer "), quote(chosen)):
        for headers in (api.good, {}):
            answer = await api.client.get(path.format(secret), headers=headers)
            assert answer.json()["instance"] == path.format("***")
            assert secret[:30] not in answer.text + str(answer.headers)


async def test_no_key_is_taken_for_a_request_id_or_repeated_with_a_fault(api, notes) -> None:
    good = api.key("validate")
    key = good["X-API-Key"]
    answer = await api.get("/api/v1/status", headers=good | {"X-Request-ID": key})
    assert answer.headers["X-Request-ID"].startswith("req_")
    answer = await api.post("/api/v1/validate", notes | {"db_type": key, key: 1}, headers=good)
    assert key not in answer.text
    assert "***" in answer.text


async def test_no_credential_in_a_document_is_repeated(api, notes) -> None:
    key = api.key("validate")["X-API-Key"]
    for place in (key, f"{'x' * 30}{key}", f"{key}x", api.bearer()["Authorization"][7:]):
        answer = await api.post("/api/v1/generate", notes | {place: 1})
        assert answer.status_code == 422
        assert answer.json()["detail"].count("***") == 1
        assert place[-30:] not in answer.text
        assert key[:40] not in answer.text


async def test_no_chosen_key_is_taken_for_a_request_id(api) -> None:
    for sent in (api.good, {"Authorization": f"Bearer {api.good['X-API-Key']}"}):
        for value in (api.good["X-API-Key"], api.good["X-API-Key"][:20]):
            answer = await api.get("/api/v1/status", headers=sent | {"X-Request-ID": value})
            assert answer.headers["X-Request-ID"].startswith("req_")


@pytest.mark.parametrize("noun", ["job", "batch"])
async def test_an_id_in_a_path_is_told(api, noun) -> None:
    path = f"{PREFIX}/{noun}{'es' if noun == 'batch' else 's'}/{new_id(noun, api.clock())}"
    assert (await api.get(path)).json()["instance"] == path


async def test_an_odd_path_is_told_of_in_ascii(api) -> None:
    answer = await api.get("/api/v1/%E2%82%AC%22%3Cb%3E")
    assert answer.json()["instance"] == "/api/v1/%E2%82%AC%22%3Cb%3E"
