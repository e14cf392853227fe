"""What is decided about a request before any work is done for it, and what every answer carries."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
from ipaddress import ip_address, ip_network
from random import Random
from typing import Any

import httpx
import pytest

from api.addresses import Addresses, Networks
from common.safe_settings import refuse_unsafe
from common.settings import Settings, SettingsError
from tests.contract.conftest import NOTES
from tests.security.api_process import API_KEY, ApiProcess, count_in, read_one

MEGABYTE = 0x100000
GOOD = {"X-API-Key": API_KEY}
ORIGIN = "https://app.example.org"
HEAD = b"POST /api/v1/validate HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\n" % API_KEY.encode()
BATCH = HEAD.replace(b"validate", b"batches") + b"Content-Type: application/jsonl\r\n"
CLOSE = b"Connection: close\r\n\r\n"
ON_EVERY_ANSWER = {
    "x-frame-options": "SAMEORIGIN",
    "x-content-type-options": "nosniff",
    "x-xss-protection": "1; mode=block",
    "referrer-policy": "strict-origin-when-cross-origin",
}
LIMITS_TOLD = (
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "ratelimit-policy",
    "ratelimit",
)

# Bodies


PIECE = b"%x\r\n%s\r\n" % (MEGABYTE, b" " * MEGABYTE)


def pour(connection: socket.socket, piece: bytes, times: int) -> int:
    """Send it again and again, while it is taken; how many bytes it took."""
    taken = 0
    with contextlib.suppress(ConnectionError):
        for _ in range(times):
            connection.sendall(piece)
            taken += len(piece)
    return taken


@pytest.mark.parametrize("head", [HEAD, BATCH], ids=["document", "batch"])
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "in chunks"])
def test_a_body_of_60_megabytes_takes_no_memory(
    api_process: ApiProcess, head: bytes, *, declared: bool
) -> None:
    api_process.forget_peak()
    before = api_process.peak_bytes()
    how = b"Content-Length: %d" % (60 * MEGABYTE) if declared else b"Transfer-Encoding: chunked"
    with api_process.connect() as connection:
        connection.sendall(head + how + b"\r\n\r\n")
        pour(connection, PIECE, 60)
        answer = read_one(connection)
    assert answer.status == 413
    # A document is held while it comes in, at most 10 MB of it, and for a moment twice
    assert api_process.peak_bytes() - before < 25 * MEGABYTE
    assert api_process.is_there()


def test_what_is_declared_too_large_is_refused_before_it_is_sent(api_process: ApiProcess) -> None:
    for how in (b"", b"Expect: 100-continue\r\n"):
        with api_process.connect() as connection:
            connection.sendall(HEAD + how + b"Content-Length: %d\r\n\r\n" % (60 * MEGABYTE))
            assert read_one(connection).status == 413


def test_what_is_refused_is_not_read_for_ever(api_process: ApiProcess) -> None:
    """A body without end costs no more than one that may be sent."""
    head = HEAD.replace(API_KEY.encode(), b"bad") + b"Transfer-Encoding: chunked\r\n\r\n"
    with api_process.connect() as connection:
        connection.sendall(head)
        assert pour(connection, PIECE, 1000) < 120 * MEGABYTE


async def test_compressed_bodies_are_never_unpacked(start_api: Any) -> None:
    high = "100000/minute"
    api = await start_api(rate_limit_generation=high, rate_limit_authenticated=high)
    bomb = gzip.compress(json.dumps(NOTES).encode() + b" " * MEGABYTE)
    for path, operations in api.described["paths"].items():
        if "post" not in operations:
            continue
        for coding in ("gzip", "GZIP", "deflate", "br", "zstd", "gzip, identity"):
            headers = api.good | {"Content-Encoding": coding, "Content-Type": "application/jsonl"}
            answer = await api.client.post(path, content=bomb, headers=headers)
            assert answer.status_code == 415, path
            assert answer.json()["code"] == "compressed_body"
            assert answer.headers["Accept-Encoding"] == "identity"
        described = operations["post"]["responses"]["415"]["content"]
        assert described.keys() == {"application/problem+json"}


async def test_who_may_not_ask_is_told_that_first(api: Any) -> None:
    headers = {"Content-Encoding": "identity", "X-API-Key": "bad"}
    answer = await api.client.post("/api/v1/generate", json=NOTES, headers=headers)
    assert answer.status_code == 401


async def test_identity_is_no_compression(api: Any) -> None:
    answer = await api.post(
        "/api/v1/validate", NOTES, headers=api.good | {"Content-Encoding": "Identity"}
    )
    assert answer.json()["valid"] is True


# Heads


@pytest.mark.parametrize(
    "head",
    [
        b"X-A: " + b"a" * 40_000 + b"\r\n",
        b"X-A: a\r\n" * 101,
        b"".join(b"X-%d: %s\r\n" % (number, b"a" * 1000) for number in range(40)),
        b"X-" + b"a" * 40_000 + b": b\r\n",
        b"X-A: " + b"a" * 2_000_000 + b"\r\n",
        b"X: y\r\n" * 300_000,
    ],
    ids=["value", "count", "sum", "name", "endless value", "endless count"],
)
def test_a_head_that_is_too_large_is_refused(api_process: ApiProcess, head: bytes) -> None:
    [answer] = api_process.talk(b"GET /health HTTP/1.1\r\nHost: x\r\n" + head + CLOSE)
    assert answer.status == 431
    assert json.loads(answer.body)["code"] == "head_too_large"


def test_so_is_a_target(api_process: ApiProcess) -> None:
    [answer] = api_process.talk(b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n" + CLOSE)
    assert answer.status == 431


@pytest.mark.parametrize("end", [b"0\r\nX-Trailer: ", b"2;extension="])
def test_so_is_what_stands_between_the_pieces_of_a_body(
    api_process: ApiProcess, end: bytes
) -> None:
    """Trailers and extensions of chunks, which nobody reads here."""
    api_process.forget_peak()
    before = api_process.peak_bytes()
    with api_process.connect() as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n" + end)
        pour(connection, b"a" * 100_000, 1000)
        assert read_one(connection).status == 431
    assert api_process.peak_bytes() - before < 10 * MEGABYTE


# Headers


ANSWERS = {
    "an answer": (b"GET /health HTTP/1.1\r\nHost: x\r\n", 200),
    "an asset": (b"GET /docs/assets/docs.js HTTP/1.1\r\nHost: x\r\n", 200),
    "no asset": (b"GET /docs/assets/none.js HTTP/1.1\r\nHost: x\r\n", 404),
    "nothing there": (b"GET /nothing HTTP/1.1\r\nHost: x\r\n", 404),
    "nothing there under the prefix": (b"GET /api/v1/nothing HTTP/1.1\r\nHost: x\r\n", 401),
    "another method": (b"BREW /health HTTP/1.1\r\nHost: x\r\n", 400),
    "a preflight": (
        b"OPTIONS /api/v1/jobs HTTP/1.1\r\nHost: x\r\nAccess-Control-Request-Method: GET\r\n",
        200,
    ),
    "no host": (b"GET /health HTTP/1.1\r\n", 400),
    "no credential": (b"GET /api/v1/jobs HTTP/1.1\r\nHost: x\r\n", 401),
    "too large": (HEAD + b"Content-Length: 60000000\r\n", 413),
    "compressed": (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 0\r\n", 415),
    "no HTTP": (b"GET /health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: odd\r\n", 400),
    "too large a head": (b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"X-A: a\r\n" * 101, 431),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_security_headers_and_cors_are_on_whatever_is_answered(
    api_process: ApiProcess, name: str
) -> None:
    """Once each (an answer with a header twice can't be read in these tests)."""
    head, status = ANSWERS[name]
    first, end, rest = head.partition(b"\r\n")
    with api_process.connect() as connection:
        connection.sendall(first + end + b"Origin: %s\r\n" % ORIGIN.encode() + rest + b"\r\n")
        answer = read_one(connection)
    assert answer.status == status
    assert answer.headers.items() >= ON_EVERY_ANSWER.items()
    assert answer.headers["content-security-policy"] == "default-src 'self'"
    assert "strict-transport-security" not in answer.headers
    if name != "another method":  # which the parser gives up at, before the headers
        assert answer.headers["access-control-allow-origin"] == ORIGIN
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert json.loads(answer.body)["request_id"] == answer.headers["x-request-id"]


UNDER_THE_PREFIX = b"POST /api/v1/validate HTTP/1.1\r\n"
BEFORE_THE_APPLICATION = {
    "no host": (b"", 400),
    "no HTTP": (b"Host: x\r\nTransfer-Encoding: odd\r\n", 400),
    "a length twice": (b"Host: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n", 400),
    "too large a head": (b"Host: x\r\n" + b"X-A: a\r\n" * 101, 431),
}
BY_THE_APPLICATION = {
    "no credential": (b"Host: x\r\n", 401),
    "declared too large": (HEAD.partition(b"\r\n")[2] + b"Content-Length: 60000000\r\n", 413),
    "compressed": (HEAD.partition(b"\r\n")[2] + b"Content-Encoding: gzip\r\n", 415),
    "no JSON": (HEAD.partition(b"\r\n")[2] + b"Content-Length: 0\r\n", 400),
}


@pytest.mark.parametrize("name", [*BEFORE_THE_APPLICATION, *BY_THE_APPLICATION])
def test_limits_are_told_by_the_application_and_by_nothing_before_it(
    api_process: ApiProcess, name: str
) -> None:
    head, status = (BEFORE_THE_APPLICATION | BY_THE_APPLICATION)[name]
    with api_process.connect() as connection:
        connection.sendall(UNDER_THE_PREFIX + head + b"\r\n")
        answer = read_one(connection)
    assert answer.status == status
    told = {each for each in answer.headers if "ratelimit" in each}
    assert told == (set(LIMITS_TOLD) if name in BY_THE_APPLICATION else set())
    assert answer.headers.items() >= ON_EVERY_ANSWER.items()
    assert json.loads(answer.body)["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("name", ANSWERS)
def test_a_page_of_a_foreign_origin_may_read_none_of_them(
    api_process: ApiProcess, name: str
) -> None:
    head, _ = ANSWERS[name]
    first, end, rest = head.partition(b"\r\n")
    with api_process.connect() as connection:
        connection.sendall(first + end + b"Origin: https://evil.example\r\n" + rest + b"\r\n")
        answer = read_one(connection)
    assert answer.headers.items() >= ON_EVERY_ANSWER.items()
    assert "access-control-allow-origin" not in answer.headers


async def test_they_are_on_a_failure_of_ours_too(start_api: Any) -> None:
    api = await start_api(cors_origins=(ORIGIN,))
    object.__setattr__(api.services, "jobs", None)
    answer = await api.get("/api/v1/jobs", headers=api.good | {"Origin": ORIGIN})
    assert answer.status_code == 500
    assert answer.headers.items() >= ON_EVERY_ANSWER.items()
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.parametrize("name", ["x\r\nEvil: 1", "x\nEvil: 1", "x\0", 'x"; evil="1', "x/../y"])
async def test_no_name_of_a_project_gets_into_a_header(api: Any, name: str) -> None:
    """The one thing of a document that a header repeats."""
    answer = await api.post("/api/v1/generate", NOTES | {"project_name": name})
    if answer.status_code == 202:  # null bytes are removed
        assert answer.json()["project_name"] == "x"
        job_id = answer.json()["id"]
        api.finish(job_id, {"README.md": "mine"})
        answer = await api.get(f"/api/v1/jobs/{job_id}/artifact")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="x.zip"'
    else:
        assert answer.status_code == 422
    assert "evil" not in answer.headers


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"X-Request-ID", b"abcdefgh%0d%0aEvil:1"),
        (b"X-Request-ID", b"abcdefgh Evil: 1"),
        (b"X-Request-ID", b"a" * 65),
        (b"X-Request-ID", b"abcdefgh\xe2\x80\xa8Evil"),
        (b"Origin", b"https://evil.example.org%0d%0aEvil:1"),
        (b"Idempotency-Key", b'"key%0d%0aEvil: 1"'),
        (b"Prefer", b"wait=1%0d%0aEvil: 1"),
        (b"Access-Control-Request-Headers", b"x%0d%0aEvil: 1"),
    ],
)
def test_no_header_is_made_of_what_was_sent(
    api_process: ApiProcess, name: bytes, value: bytes
) -> None:
    target = b"POST /api/v1/validate?x=%0d%0aEvil:1&%0aEvil=1 HTTP/1.1\r\n"
    sent = target + HEAD.partition(b"\r\n")[2] + name + b": " + value
    [answer] = api_process.talk(sent + b"\r\nContent-Length: 2\r\n" + CLOSE + b"{}")
    assert "evil" not in answer.headers
    assert "Evil" not in str(answer.headers)


def test_nor_of_a_path(api_process: ApiProcess) -> None:
    for path in (b"/%0d%0aEvil:1", b"/api/v1/jobs/%0d%0aEvil:1/artifact", b"//evil.org/%0aEvil"):
        [answer] = api_process.talk(
            b"GET " + path + b" HTTP/1.1\r\n" + HEAD.partition(b"\r\n")[2] + CLOSE
        )
        assert answer.status == 404
        assert "vil" not in str(answer.headers)


# Addresses

PROBES = ("/health/liveness", "/health/readiness")


async def test_who_is_not_allowed_is_refused_before_anything_else(start_api: Any) -> None:
    api = await start_api(
        address="198.51.100.7",
        allowed_ips=("192.0.2.0/24", "2001:db8::/32"),
        cors_origins=(ORIGIN,),
    )
    for path in ("/api/v1/jobs", "/health", "/docs", "/metrics", "/nothing", *PROBES):
        answer = await api.get(path, headers=api.good | {"Host": "", "Origin": ORIGIN})
        assert answer.status_code == 403
        assert answer.json()["code"] == "address_refused"
        assert answer.headers.items() >= ON_EVERY_ANSWER.items()
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "X-RateLimit-Limit" not in answer.headers  # nobody looked
    preflight = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    answer = await api.client.options("/api/v1/jobs", headers=preflight)
    assert (answer.status_code, answer.json()["code"]) == (403, "address_refused")
    for address in ("192.0.2.9", "2001:db8:1::9", "::ffff:192.0.2.9"):
        async with api.from_address(address) as allowed:
            assert (await allowed.get("/api/v1/jobs", headers=api.good)).status_code == 200
            metrics = (await allowed.get("/metrics")).text
    assert count_in(metrics, "address.refused") == 8


async def test_who_is_blocked_is_refused_even_if_allowed(start_api: Any) -> None:
    api = await start_api(
        address="192.0.2.9", allowed_ips=("192.0.2.0/24",), blocked_ips=("192.0.2.8/31",)
    )
    assert (await api.get("/api/v1/jobs")).status_code == 403
    async with api.from_address("192.0.2.10") as allowed:
        assert (await allowed.get("/health")).status_code == 200


async def test_the_address_is_the_one_behind_trusted_proxies(start_api: Any) -> None:
    api = await start_api(
        address="10.0.0.1", trusted_proxies=("10.0.0.0/8",), blocked_ips=("198.51.100.7",)
    )
    for forwarded, status in (
        ("198.51.100.7", 403),
        ("192.0.2.1, 198.51.100.7", 403),
        ("198.51.100.7, 192.0.2.1", 200),  # the left end is the caller's invention
        ("192.0.2.1", 200),
    ):
        answer = await api.get("/health", headers={"X-Forwarded-For": forwarded})
        assert answer.status_code == status, forwarded
    async with api.from_address("198.51.100.7") as blocked:
        answer = await blocked.get("/health", headers={"X-Forwarded-For": "192.0.2.1"})
        assert answer.status_code == 403


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_probes_on_the_machine_itself_are_always_answered(
    start_api: Any, address: str
) -> None:
    api = await start_api(
        address=address,
        allowed_ips=("192.0.2.0/24",),
        blocked_ips=("127.0.0.0/8", "::1"),
        trusted_proxies=("127.0.0.0/8", "::1"),
    )
    for path in PROBES:
        assert (await api.client.get(path)).status_code == 200
        through = await api.client.get(path, headers={"X-Forwarded-For": "127.0.0.1"})
        assert through.status_code == 403
    assert (await api.client.get("/health")).status_code == 403


async def test_nobody_without_an_address_is_allowed(start_api: Any) -> None:
    api = await start_api(address="testclient", allowed_ips=("0.0.0.0/0", "::/0"))
    assert (await api.client.get("/health")).status_code == 403


def test_networks_hold_what_they_say() -> None:
    random = Random(7)  # noqa: S311 - the same ones each time
    bits = [*range(4, 33)]
    entries = [f"{random.randrange(224)}.{random.randrange(256)}.0.0/{number}" for number in bits]
    entries += [f"2001:{random.randrange(65536):x}::/{bits}" for bits in range(16, 129, 8)]
    networks, plain = Networks(entries), [ip_network(entry, strict=False) for entry in entries]
    addresses = [ip_address(random.randrange(2**32)) for _ in range(2000)]
    addresses += [network[random.randrange(min(network.num_addresses, 99))] for network in plain]
    for address in addresses:
        assert (address in networks) == any(address in network for network in plain)


def test_an_ipv4_address_may_be_written_as_ipv6() -> None:
    networks = Networks(["::ffff:203.0.113.9", "::ffff:192.0.2.0/120"])
    for text, held in (
        ("203.0.113.9", True),
        ("192.0.2.200", True),
        ("203.0.113.8", False),
        ("192.0.3.0", False),
    ):
        assert (ip_address(text) in networks) is held


async def test_who_is_blocked_as_ipv6_is_refused(start_api: Any) -> None:
    api = await start_api(address="203.0.113.9", blocked_ips=("::ffff:203.0.113.9",))
    assert (await api.get("/health")).status_code == 403


def test_a_long_list_costs_no_more_than_a_short_one() -> None:
    """Every request asks: what is asked for is bounded by the sizes of networks there are."""
    networks = Networks(
        [f"{a}.{b}.{c}.0/24" for a in range(9) for b in range(9) for c in range(256)]
    )
    assert len(networks._by_shape) == 1


def test_only_a_trusted_proxy_can_say_that_it_was_tls(api_process: ApiProcess) -> None:
    for headers in (
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "proto=https"},
        {"X-Forwarded-Ssl": "on"},
    ):
        answer = httpx.get(f"{api_process.url}/health", headers=headers)
        assert "Strict-Transport-Security" not in answer.headers
    trusting = Addresses(["127.0.0.1"])
    for value, secure in ((b"https", True), (b"http", False), (b"https, http", False)):
        scope = {"client": ("127.0.0.1", 1), "headers": [(b"x-forwarded-proto", value)]}
        assert trusting.read(scope).secure is secure


# Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("trusted_proxies", ("0.0.0.0/0",)),
        ("trusted_proxies", ("10.0.0.1", "::/0")),
        ("trusted_proxies", ("0.0.0.0/1", "128.0.0.0/1")),
        ("trusted_proxies", ("64.0.0.0/7",)),
        ("trusted_proxies", ("::ffff:0:0/96",)),
        ("cors_origins", ("*",)),
        ("cors_origins", ("null",)),
        ("min_bytes_per_second", 0),
    ],
)
def test_production_does_not_start_with_an_open_edge(name: str, value: object) -> None:
    safe = {"environment": "production", "trusted_proxies": ("10.0.0.0/8", "fc00::/7")}
    refuse_unsafe(Settings(_env_file=None, **safe))
    with pytest.raises(SettingsError, match=rf"^{name.upper()}: must not be "):
        refuse_unsafe(Settings(_env_file=None, **(safe | {name: value})))
