"""The name in `Host` is held against a list, and nothing is ever built from it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from common.access_settings import AccessSettings
from common.settings import SettingsError, read_settings
from tests.contract.conftest import NOTES
from tests.security.api_process import API_KEY, ApiProcess, count_in

CLOSE = b"Connection: close\r\n\r\n"


async def refusals(api: Any) -> int:
    """How many the metrics have counted."""
    metrics = await api.client.get("/metrics", headers={"Host": "api.example.com"})
    return count_in(metrics.text, "host.refused")


@pytest.mark.parametrize(
    "host",
    [
        b"",
        b"Host: x\r\nHost: x\r\n",
        b"Host: x\r\nHost: y\r\n",
        b"Host:\r\n",
        b"Host: x y\r\n",
        b"Host: x, y\r\n",
        b"Host: user@x\r\n",
        b"Host: x/y\r\n",
        b"Host: x:80:80\r\n",
        b"Host: x:http\r\n",
        b"Host: x:123456\r\n",
        b"Host: ::1\r\n",
        b"Host: [::1\r\n",
        b"Host: x%2ey\r\n",
        b"Host: <script>\r\n",
        b"Host: http://x\r\n",
        b"Host: x\xff\r\n",
        b"Host: %s\r\n" % (b"x" * 300),
    ],
)
@pytest.mark.parametrize("path", [b"/health/liveness", b"/api/v1/jobs"])
def test_a_host_that_is_missing_doubled_or_malformed_is_refused(
    api_process: ApiProcess, path: bytes, host: bytes
) -> None:
    [answer] = api_process.talk(b"GET " + path + b" HTTP/1.1\r\n" + host + CLOSE)
    assert answer.status == 400
    assert json.loads(answer.body)["code"] == "bad_request"
    assert answer.headers["content-security-policy"] == "default-src 'self'"


@pytest.mark.parametrize(
    "host", [b"x", b"X.Example.COM", b"my_service:8000", b"127.0.0.1", b"[::1]:80", b"x.", b"x:"]
)
def test_without_a_list_any_well_formed_host_will_do(api_process: ApiProcess, host: bytes) -> None:
    [answer] = api_process.talk(b"GET /health HTTP/1.1\r\nHost: " + host + b"\r\n" + CLOSE)
    assert answer.status == 200


def test_http_1_0_knows_no_host(api_process: ApiProcess) -> None:
    [answer] = api_process.talk(b"GET /health HTTP/1.0\r\n\r\n")
    assert answer.status == 200


NAMES = {
    "api.example.com": True,
    "API.example.com:8443": True,
    "api.example.com.": True,
    "[2001:db8::1]:80": True,
    "a.apps.example.com": True,
    "b.a.apps.example.com": True,
    "apps.example.com": False,
    "example.com": False,
    "evil.api.example.com": False,
    "api.example.com.evil.org": False,
    "evilapps.example.com": False,
    "127.0.0.1": False,
    "localhost": False,
}


async def test_only_names_of_the_list_are_answered(start_api: Any) -> None:
    api = await start_api(allowed_hosts=("api.example.com", "*.apps.example.com", "[2001:db8::1]"))
    before, refused = await refusals(api), 0
    for host, allowed in NAMES.items():
        for path in ("/api/v1/jobs", "/health", "/docs", "/nothing"):
            answer = await api.get(path, headers=api.good | {"Host": host})
            if allowed:
                assert answer.status_code in {200, 404}, host
                continue
            refused += 1
            assert answer.status_code == 400, host
            assert answer.json()["code"] == "host_not_allowed"
            assert host not in answer.text
            assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert await refusals(api) == before + refused


async def test_load_balancers_probe_by_address(start_api: Any) -> None:
    api = await start_api(allowed_hosts=("api.example.com",))
    for path in ("/health/liveness", "/health/readiness"):
        answer = await api.client.get(path, headers={"Host": "10.1.2.3:8000"})
        assert answer.status_code == 200


async def test_nothing_is_built_from_a_host(api: Any) -> None:
    headers = api.good | {"Host": "evil.example.org", "X-Forwarded-Host": "evil.example.net"}
    answer = await api.post("/api/v1/generate", NOTES, headers=headers)
    assert answer.status_code == 202
    assert answer.headers["Location"].startswith("/api/v1/jobs/job_")
    job = await api.get(answer.headers["Location"], headers=headers)
    for said in (answer, job):
        assert "evil" not in said.text + str(said.headers)
    batch = await api.submit_batch([NOTES], headers=headers)
    assert batch.headers["Location"].startswith("/api/v1/batches/")
    for path in ("/docs", "/redoc", "/openapi.json", "/docs/"):
        answer = await api.client.get(path, headers={"Host": "evil.example.org"})
        assert "evil" not in answer.text + str(answer.headers)


@pytest.mark.parametrize(
    "hosts", ["https://example.com", "example.com:80", "*", "exa*mple.com", "*example.com", "a b"]
)
def test_a_list_that_means_nothing_is_refused(monkeypatch: pytest.MonkeyPatch, hosts: str) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", hosts)
    with pytest.raises(SettingsError, match=r"^ALLOWED_HOSTS: "):
        read_settings()


def test_a_list_is_read_as_people_write_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "API.Example.com, *.apps.example.com, [::1]")
    assert AccessSettings().allowed_hosts == ("api.example.com", "*.apps.example.com", "[::1]")


def test_the_key_of_these_tests_is_good(api_process: ApiProcess) -> None:
    """Else the refusals above would have other reasons."""
    [answer] = api_process.talk(
        b"GET /api/v1/jobs HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\n" % API_KEY.encode() + CLOSE
    )
    assert answer.status == 200


OPEN = {"enable_auth": False, "api_key": None, "jwt_secret_key": None}


async def test_without_authentication_no_page_reads_by_a_name_of_its_own(start_api: Any) -> None:
    api = await start_api(**OPEN)
    near = ("localhost:8000", "127.0.0.1", "[::1]:8000", "api", "api.internal", "a.localhost")
    for host in (*near, "pi.local:8000", "x.svc.cluster.local", "nas.home.arpa", "box.lan"):
        answer = await api.client.get("/api/v1/jobs", headers={"Host": host})
        assert answer.status_code == 200, host
    for host in ("rebind.evil.example", "evil.com:8000", "127.0.0.1.nip.io", "localhost.evil.org"):
        answer = await api.client.get("/api/v1/jobs", headers={"Host": host})
        assert (answer.status_code, answer.json()["code"]) == (400, "host_not_allowed"), host
    named = await start_api(**OPEN, allowed_hosts=("api.example.com",))
    for host, status in (("api.example.com", 200), ("localhost", 400)):
        answer = await named.client.get("/api/v1/jobs", headers={"Host": host})
        assert answer.status_code == status


async def test_without_authentication_no_page_of_another_origin_changes_anything(
    start_api: Any,
) -> None:
    api = await start_api(**OPEN, cors_origins=("https://app.example",))
    body = json.dumps(NOTES)
    for origin, status in (
        ("https://evil.example", 403),
        ("null", 403),
        ("http://localhost:9000", 403),
        ("http://localhost:8000", 202),
        ("https://app.example", 202),
        (None, 202),
    ):
        headers = {"Host": "localhost:8000", "Content-Type": "text/plain"}
        headers |= {"Origin": origin} if origin else {}
        answer = await api.client.post("/api/v1/generate", content=body, headers=headers)
        assert answer.status_code == status, origin
        if status == 403:
            assert answer.json()["code"] == "cross_origin_refused"
    assert len((await api.client.get("/api/v1/jobs")).json()["items"]) == 3
    metrics = (await api.client.get("/metrics")).text
    assert count_in(metrics, "origin.refused") == 3


async def test_with_a_credential_the_page_does_not_matter(start_api: Any) -> None:
    api = await start_api()
    answer = await api.client.post(
        "/api/v1/generate", json=NOTES, headers=api.good | {"Origin": "https://evil.example"}
    )
    assert answer.status_code == 202
