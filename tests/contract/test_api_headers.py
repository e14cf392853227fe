"""Security headers, CORS, and docs pages that work under them."""

import re

import pytest

EVERYWHERE = {
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "X-XSS-Protection": "1; mode=block",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Content-Security-Policy": "default-src 'self'",
}
ANSWERS = [
    ("GET", "/api/v1/jobs", "good"),
    ("GET", "/api/v1/jobs", "missing"),
    ("POST", "/api/v1/generate", "good"),
    ("GET", "/api/v1/jobs/job_x", "good"),
    ("GET", "/api/v1/nothing", "good"),
    ("GET", "/nothing", "missing"),
    ("GET", "/health", "missing"),
    ("GET", "/metrics", "missing"),
    ("GET", "/openapi.json", "missing"),
    ("BREW", "/api/v1/jobs", "missing"),
]


@pytest.mark.parametrize(("method", "path", "credential"), ANSWERS)
async def test_security_headers_are_on_every_answer(api, method, path, credential) -> None:
    headers = api.good if credential == "good" else {}
    answer = await api.client.request(method, path, headers=headers)
    for name, value in EVERYWHERE.items():
        assert answer.headers[name] == value
    assert "Strict-Transport-Security" not in answer.headers  # this was not TLS


async def test_on_a_429_and_a_413_too(start_api) -> None:
    api = await start_api(rate_limit_public="1/minute", max_json_size=10)
    await api.client.get("/api/v1/jobs")
    for answer in (
        await api.client.get("/api/v1/jobs"),
        await api.client.post("/api/v1/generate", content=b" " * 11),
    ):
        assert answer.status_code in {413, 429}
        assert (
            EVERYWHERE.items()
            <= {
                name.title().replace("Xss", "XSS"): value for name, value in answer.headers.items()
            }.items()
        )


async def test_behind_tls_browsers_are_told_to_stay_there(start_api) -> None:
    api = await start_api(address="10.0.0.1", trusted_proxies=("10.0.0.1",))
    hsts = "max-age=31536000; includeSubDomains"
    answer = await api.client.get("/health", headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["Strict-Transport-Security"] == hsts
    answer = await api.client.get("/health", headers={"X-Forwarded-Proto": "http"})
    assert "Strict-Transport-Security" not in answer.headers
    answer = await api.client.get("https://backbone.test/health")
    assert answer.headers["Strict-Transport-Security"] == hsts
    async with api.from_address("203.0.113.1") as untrusted:
        answer = await untrusted.get("/health", headers={"X-Forwarded-Proto": "https"})
        assert "Strict-Transport-Security" not in answer.headers


async def test_they_can_be_left_to_a_proxy(start_api) -> None:
    api = await start_api(enable_security_headers=False)
    answer = await api.get("/api/v1/jobs")
    assert not EVERYWHERE.keys() & {name.title() for name in answer.headers}
    assert answer.headers["X-Request-ID"]


# CORS

ORIGIN = "https://app.example.org"
PREFLIGHT = {
    "Origin": ORIGIN,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "x-api-key, idempotency-key, content-type",
}


async def test_without_origins_no_browser_may_call(api) -> None:
    answer = await api.get("/api/v1/jobs", headers=api.good | {"Origin": ORIGIN})
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/api/v1/jobs", "/api/v1/nothing", "/nothing", "/health"])
@pytest.mark.parametrize("credential", ["good", "missing"])
async def test_a_listed_origin_may(start_api, path, credential) -> None:
    api = await start_api(cors_origins=(ORIGIN,))
    headers = (api.good if credential == "good" else {}) | {"Origin": ORIGIN}
    answer = await api.get(path, headers=headers)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    exposed = answer.headers["Access-Control-Expose-Headers"]
    for name in ("X-RateLimit-Remaining", "X-Request-ID", "Location", "ETag", "Retry-After"):
        assert name in exposed
    other = await api.get(path, headers=headers | {"Origin": "https://evil.example.org"})
    assert "Access-Control-Allow-Origin" not in other.headers


async def test_an_error_of_the_api_itself_is_readable_for_it(start_api) -> None:
    api = await start_api(cors_origins=(ORIGIN,), rate_limit_public="1/minute")
    headers = {"Origin": ORIGIN}
    await api.get("/api/v1/jobs", headers=headers)
    answer = await api.get("/api/v1/jobs", headers=headers)
    assert answer.status_code == 429
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    object.__setattr__(api.services, "jobs", None)
    answer = await api.get("/api/v1/jobs", headers=headers | api.good)
    assert answer.status_code == 500
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


async def test_preflights(start_api) -> None:
    api = await start_api(cors_origins=(ORIGIN,))
    for _ in range(30):  # more than the public tier allows: browsers send them unasked
        answer = await api.client.options("/api/v1/generate", headers=PREFLIGHT)
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert answer.headers["X-RateLimit-Remaining"] == "20"
        assert answer.headers["X-Request-ID"]
    for method in {
        method.upper() for path in api.app.openapi()["paths"].values() for method in path
    }:
        asked = PREFLIGHT | {"Access-Control-Request-Method": method}
        answer = await api.client.options("/api/v1/admin/callers/alice", headers=asked)
        assert answer.status_code == 200, method
    evil = PREFLIGHT | {"Origin": "https://evil.example.org"}
    answer = await api.client.options("/api/v1/generate", headers=evil)
    assert answer.status_code == 400
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example.org",
        "https://app.example.org.evil.example",
        "https://sub.app.example.org",
        "http://app.example.org",
        "https://app.example.org:8443",
        "null",
    ],
)
async def test_beside_the_listed_ones_no_origin_is_let_in(start_api, origin) -> None:
    """Neither by the application, nor by what is answered before it, nor after a preflight."""
    allow = "Access-Control-Allow-Origin"
    api = await start_api(cors_origins=(ORIGIN,), blocked_ips=("192.0.2.1",))
    async with api.from_address("192.0.2.1") as blocked:
        for client, path, status in (
            (api.client, "/api/v1/jobs", 200),
            (api.client, "/health", 200),
            (blocked, "/api/v1/jobs", 403),
        ):
            answer = await client.get(path, headers=api.good | {"Origin": ORIGIN})
            assert (answer.status_code, answer.headers[allow]) == (status, ORIGIN)
            answer = await client.get(path, headers=api.good | {"Origin": origin})
            assert answer.status_code == status
            assert allow not in answer.headers
    answer = await api.client.options("/api/v1/generate", headers=PREFLIGHT | {"Origin": origin})
    assert answer.status_code == 400
    assert allow not in answer.headers


async def test_any_origin_means_no_credentials(start_api) -> None:
    api = await start_api(cors_origins=("*",))
    answer = await api.get("/api/v1/jobs", headers=api.good | {"Origin": ORIGIN})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


# Docs pages


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_docs_pages_load_only_from_here(api, path) -> None:
    answer = await api.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    page = answer.text
    assert "://" not in page
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(loaded) >= 2
    for place in loaded:
        asset = await api.client.get(place)
        assert asset.status_code == 200, place
        assert len(asset.content) > 10
        expected = {"js": "text/javascript", "ss": "text/css", "ng": "image/png"}[place[-2:]]
        assert asset.headers["Content-Type"].startswith(expected)
    # Nothing is written into the page that the policy would have to let through.
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"<style|\bstyle=|\son[a-z]+=", page)


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_the_policy_of_docs_pages_is_strict(api, path) -> None:
    policies = [(await api.client.get(path)).headers["Content-Security-Policy"] for _ in range(2)]
    for policy in policies:
        assert policy.startswith("default-src 'self'")
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "*" not in policy
    if path == "/redoc":
        assert policies[0] != policies[1]  # a nonce is used once


async def test_the_nonce_of_the_page_is_that_of_the_policy(api) -> None:
    answer = await api.client.get("/redoc")
    nonces = set(re.findall(r'nonce="([^"]+)"', answer.text))
    assert len(nonces) == 1
    assert f"'nonce-{nonces.pop()}'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["docs.html", "..%2fapp.py", "redoc.html", "nothing.js", "%00"])
async def test_no_other_file_is_an_asset(api, name) -> None:
    assert (await api.client.get(f"/docs/assets/{name}")).status_code == 404
