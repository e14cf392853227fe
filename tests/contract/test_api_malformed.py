"""What is no HTTP, over a real socket: answered as a problem, and hung up on."""

import json
import socket

import pytest


def talk(port, sent: bytes) -> tuple[int, dict[str, str], bytes]:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(sent)
        received = b""
        while True:
            piece = connection.recv(65536)
            if not piece:
                break
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
    return int(lines[0].split()[1]), headers, body


POST = b"POST /api/v1/generate HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE\r\n\r\n",
        b"GET /api/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
        POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=lambda sent: repr(sent[:30]),
)
def test_no_http(port, sent) -> None:
    status, headers, body = talk(port, sent)
    assert status == 400
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    problem = json.loads(body)
    assert problem["status"] == 400
    assert problem["type"] == "/problems/malformed_request"
    assert problem["request_id"] == headers["x-request-id"]


def test_an_upgrade_is_a_request_like_any_other(port) -> None:
    status, headers, _ = talk(
        port,
        b"GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    )
    assert status == 404
    assert headers["content-type"] == "application/problem+json"


ELEVEN_MEGABYTES = 11 * 0x100000


@pytest.mark.parametrize("close", [b"", b"Connection: close\r\n"], ids=["stays open", "closes"])
@pytest.mark.parametrize(
    ("declared", "body"),
    [
        (b"Content-Length: %d" % ELEVEN_MEGABYTES, b" " * ELEVEN_MEGABYTES),
        (
            b"Transfer-Encoding: chunked",
            (b"100000\r\n" + b" " * 0x100000 + b"\r\n") * 11 + b"0\r\n\r\n",
        ),
    ],
    ids=["declared", "streaming"],
)
def test_who_sends_too_much_gets_an_answer(port, api, declared, body, close) -> None:
    key = api.good["X-API-Key"].encode()
    head = POST + b"X-API-Key: %s\r\n%s%s\r\n\r\n" % (key, close, declared)
    then = b"" if close else b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    status, headers, _ = talk(port, head + body + then)
    assert status == 413
    assert headers["x-ratelimit-limit"] == "10"
