"""The nginx file that is shipped, run by nginx, in front of two processes of the API."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api.preferences import LONGEST_WAIT_SECONDS
from backbone.ports import answers, choose
from tests.contract.conftest import NOTES
from tests.served_api import ServedApi

NAME = "api.example.com"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
HEADERS = (
    "x-frame-options",
    "x-content-type-options",
    "x-xss-protection",
    "strict-transport-security",
    "content-security-policy",
    "referrer-policy",
    "x-request-id",
)

pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx: run `apt-get install nginx-light`")


class Front:
    """A running nginx and what is needed to speak to it."""

    def __init__(self, tls_port: int, plain_port: int, certificate: Path) -> None:
        self.tls_port = tls_port
        self.plain_port = plain_port
        self.certificate = certificate

    def client(self, address: str = "127.0.0.1") -> httpx.Client:
        """A client that comes from this loopback address and takes our certificate alone."""
        trusted = ssl.create_default_context(cafile=str(self.certificate))
        transport = httpx.HTTPTransport(local_address=address, verify=trusted)
        url = f"https://{NAME}:{self.tls_port}"
        return httpx.Client(transport=_ByName(transport), base_url=url)

    def handshake(self, version: ssl.TLSVersion, ciphers: str = "ALL:@SECLEVEL=0") -> str | None:
        """The protocol that is agreed on with a client that knows this version alone."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers(ciphers)
        context.minimum_version = version
        context.maximum_version = version
        with (
            socket.create_connection(("127.0.0.1", self.tls_port), timeout=60) as plain,
            context.wrap_socket(plain, server_hostname=NAME) as secure,
        ):
            return secure.version()


class _ByName(httpx.BaseTransport):
    """Finds `NAME` on this machine, as a resolver would."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["sni_hostname"] = NAME
        request.url = request.url.copy_with(host="127.0.0.1")
        return self._transport.handle_request(request)

    def close(self) -> None:
        self._transport.close()


def make_certificate(folder: Path) -> None:
    """A certificate for `NAME`, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@pytest.fixture(scope="module")
def apis(tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> Iterator[list[ServedApi]]:
    """Two processes on one database and one Redis."""
    folder = tmp_path_factory.mktemp("behind")
    settings = {
        "TRUSTED_PROXIES": "127.0.0.1",
        "ALLOWED_HOSTS": f"{NAME},127.0.0.1",
        "REDIS_URL": valkey_url,
        "RATE_LIMIT_PUBLIC": "3/minute",
        "RATE_LIMIT_AUTHENTICATED": "1000/minute",
    }
    with ServedApi(folder, settings) as one, ServedApi(folder, settings) as other:
        yield [one, other]


@contextlib.contextmanager
def running(folder: Path, root: Path, ports: list[int]) -> Iterator[Front]:
    """The file as it is shipped, but for places, ports, and a second process."""
    make_certificate(folder)
    tls_port = choose("127.0.0.1", 0, setting="a test")
    plain_port = choose("127.0.0.1", 0, setting="a test")
    text = (root / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for shipped, here in (
        ("/etc/nginx/tls/", f"{folder}/"),
        ("/var/log/nginx/", f"{folder}/"),
        ("/run/nginx.pid", f"{folder}/nginx.pid"),
        ("listen 80;", f"listen 127.0.0.1:{plain_port};"),
        ("listen 443 ", f"listen 127.0.0.1:{tls_port} "),
        ("127.0.0.1:8000", f"127.0.0.1:{ports[0]}"),
        ("# server 127.0.0.1:8001;", f"server 127.0.0.1:{ports[1]};"),
    ):
        assert shipped in text
        text = text.replace(shipped, here)
    for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
        text = text.replace("http {\n", f"http {{\n    {kind}_temp_path {folder}/{kind};\n", 1)
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    assert NGINX is not None
    process = subprocess.Popen(
        [NGINX, "-e", folder / "error.log", "-c", folder / "nginx.conf", "-g", "daemon off;"]
    )
    try:
        deadline = time.monotonic() + 60
        while not answers("127.0.0.1", tls_port):
            assert process.poll() is None, (folder / "error.log").read_text(encoding="utf-8")
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield Front(tls_port, plain_port, folder / "cert.pem")
    finally:
        process.terminate()
        process.wait(15)


@pytest.fixture(scope="module")
def front(
    apis: list[ServedApi], tmp_path_factory: pytest.TempPathFactory, root: Path
) -> Iterator[Front]:
    with running(tmp_path_factory.mktemp("nginx"), root, [api.port for api in apis]) as started:
        yield started


def test_headers_are_there_once(front: Front, apis: list[ServedApi]) -> None:
    with front.client() as client:
        answered = [
            client.get("/api/v1/status", headers=apis[0].good),
            client.get("/health"),
            client.get("/nothing"),
            client.get("/docs"),
        ]
        refused = client.post(
            "/api/v1/generate", headers=apis[0].good, content=b"x" * (51 * 1024 * 1024)
        )
    assert [answer.status_code for answer in answered] == [200, 200, 404, 200]
    assert refused.status_code == 413
    assert refused.headers["content-type"] == "application/problem+json"
    for answer in (*answered, refused):
        for name in HEADERS:
            assert len(answer.headers.get_list(name)) == 1, (answer.url, name)
    assert answered[3].headers["content-security-policy"].startswith("default-src 'self';")


def test_limits_are_those_of_the_real_address(front: Front) -> None:
    def ask(client: httpx.Client, number: int) -> int:
        claimed = {"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": f"203.0.113.{number}"}
        return client.get("/api/v1/jobs", headers=claimed).status_code

    with front.client("127.0.0.2") as one, front.client("127.0.0.3") as other:
        assert [ask(one, number) for number in range(5)] == [401, 401, 401, 429, 429]
        assert ask(other, 9) == 401


def test_a_long_poll_comes_through(front: Front, apis: list[ServedApi]) -> None:
    with front.client() as client:
        made = client.post("/api/v1/generate", headers=apis[0].good, json=NOTES)
        place = made.headers["Location"]
        assert place.startswith("/")  # and so it holds whatever name the caller used
        known = client.get(place, headers=apis[0].good).headers["ETag"]
        asked_at = time.monotonic()
        answer = client.get(
            f"{place}?wait=2", headers=apis[0].good | {"If-None-Match": known}, timeout=60
        )
        assert answer.status_code == 304
        assert time.monotonic() - asked_at > 1.5


def test_no_long_poll_is_given_up_before_its_end(root: Path) -> None:
    text = (root / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    [seconds] = re.findall(r"proxy_read_timeout (\d+)s;", text)
    assert int(seconds) > LONGEST_WAIT_SECONDS


def test_a_change_ends_a_long_poll_whichever_process_it_was_made_by(
    front: Front, apis: list[ServedApi]
) -> None:
    with front.client() as client, ThreadPoolExecutor(1) as pool:
        made = client.post("/api/v1/generate", headers=apis[0].good, json=NOTES)
        place, known = made.headers["Location"], made.headers["ETag"]
        waiting = pool.submit(
            client.get,
            f"{place}?wait=50",
            headers=apis[0].good | {"If-None-Match": known},
            timeout=60,
        )
        time.sleep(0.3)
        for api in apis:  # the second time there is nothing left to cancel
            httpx.post(f"{api.url}{place}/cancel", headers=api.good)
        assert waiting.result(40).json()["status"] == "cancelled"


def test_the_name_that_was_asked_for_is_passed_on(front: Front) -> None:
    """So that the API itself decides which it goes by."""
    with front.client() as client:
        assert client.get("/health").status_code == 200
        refused = client.get("/health", headers={"Host": "evil.example"})
    assert refused.status_code == 400
    assert refused.json()["code"] == "host_not_allowed"


def test_http_2_is_spoken(front: Front) -> None:
    context = ssl.create_default_context(cafile=str(front.certificate))
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", front.tls_port), timeout=60) as plain,
        context.wrap_socket(plain, server_hostname=NAME) as secure,
    ):
        assert secure.selected_alpn_protocol() == "h2"


def test_both_processes_are_asked(front: Front, apis: list[ServedApi]) -> None:
    with front.client() as client:
        for _ in range(8):
            assert client.get("/api/v1/status", headers=apis[0].good).status_code == 200
    for api in apis:
        text = httpx.get(f"{api.url}/metrics").text
        assert 'endpoint="/api/v1/status"' in text


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_of_today_is_spoken(front: Front, version: ssl.TLSVersion) -> None:
    assert front.handshake(version) == version.name.replace("_", ".")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_older_tls_is_refused(front: Front) -> None:
    with pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
        front.handshake(ssl.TLSVersion.TLSv1_1)


@pytest.mark.parametrize(
    ("ciphers", "taken"),
    [
        ("ECDHE-ECDSA-AES256-GCM-SHA384", True),
        ("AECDH-AES256-SHA:@SECLEVEL=0", False),  # anonymous: nobody has shown who they are
        ("ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0", False),  # in the clear
    ],
)
def test_only_strong_ciphers_are_spoken(front: Front, ciphers: str, *, taken: bool) -> None:
    version = ssl.TLSVersion.TLSv1_2
    if taken:
        assert front.handshake(version, ciphers) == "TLSv1.2"
        return
    with pytest.raises(ssl.SSLError, match=r"(?i)handshake.failure"):
        front.handshake(version, ciphers)


def test_who_comes_without_tls_is_sent_to_it(front: Front) -> None:
    answer = httpx.get(
        f"http://127.0.0.1:{front.plain_port}/docs?a=1", headers={"Host": "evil.example"}
    )
    assert answer.status_code == 308
    assert answer.headers["Location"] == f"https://{NAME}/docs?a=1"


def test_a_key_in_a_query_stands_in_no_log(front: Front) -> None:
    with front.client() as client:
        client.get("/api/v1/jobs?api_key=stands-in-no-log")
    logged = (front.certificate.parent / "access.log").read_text(encoding="utf-8")
    assert "GET /api/v1/jobs" in logged
    assert "stands-in-no-log" not in logged


def test_without_the_api_it_says_so_and_when_to_come_again(tmp_path: Path, root: Path) -> None:
    ports = [choose("127.0.0.1", 0, setting="a test") for _ in range(2)]
    with running(tmp_path, root, ports) as alone, alone.client() as client:
        answer = client.get("/api/v1/status")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
    for name in HEADERS:
        assert len(answer.headers.get_list(name)) == 1, name
