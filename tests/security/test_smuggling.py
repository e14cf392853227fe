"""No bytes are read as one request by us and as two, or as another one, by a proxy before us."""

from __future__ import annotations

import json
import socket
import time

import pytest

from tests.security.api_process import API_KEY, ApiProcess, read_all, read_answers

HEAD = b"POST /api/v1/validate HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\n" % API_KEY.encode()
GET = b"GET /health HTTP/1.1\r\nHost: x\r\n"
CLOSE = b"Connection: close\r\n\r\n"
SECOND = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
LAST = b"GET /health/liveness HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
ALIVE = b'{"status":"ok"}'
CHUNKED = b"\r\n2\r\n{}\r\n0\r\n\r\n"


REFUSED = {
    "length and chunks": HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" + CHUNKED,
    "chunks and length": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n" + CHUNKED,
    "two lengths": HEAD + b"Content-Length: 5\r\nContent-Length: 0\r\n\r\nhello",
    "the same length twice": HEAD + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "a list of lengths": HEAD + b"Content-Length: 5, 5\r\n\r\nhello",
    "a signed length": HEAD + b"Content-Length: +5\r\n\r\nhello",
    "a negative length": HEAD + b"Content-Length: -5\r\n\r\nhello",
    "a hexadecimal length": HEAD + b"Content-Length: 0x5\r\n\r\nhello",
    "a length with a blank": HEAD + b"Content-Length: 1 5\r\n\r\nhello",
    "a length with an underscore": HEAD + b"Content-Length: 1_0\r\n\r\nhello",
    "a length beyond numbers": HEAD + b"Content-Length: 18446744073709551621\r\n\r\nhello",
    "an empty length": HEAD + b"Content-Length: \r\n\r\nhello",
    "chunks in HTTP/1.0": HEAD.replace(b"1.1", b"1.0")
    + b"Transfer-Encoding: chunked\r\n"
    + CHUNKED,
    "two codings": HEAD
    + b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"
    + CHUNKED,
    "a blank before the colon": HEAD + b"Transfer-Encoding : chunked\r\n" + CHUNKED,
    "a blank before the name": HEAD + b" Transfer-Encoding: chunked\r\n" + CHUNKED,
    "a folded coding": HEAD + b"Transfer-Encoding:\r\n chunked\r\n" + CHUNKED,
    "a folded header": GET + b"X-A: b\r\n c\r\n" + CLOSE,
    "a bare line feed": GET.replace(b"\r\n", b"\n") + CLOSE,
    "bare line feeds only": (GET + CLOSE).replace(b"\r\n", b"\n"),
    "a bare carriage return": GET + b"X-A: b\rX-B: c\r\n" + CLOSE,
    "a null byte": GET + b"X-A: b\0c\r\n" + CLOSE,
    "no colon": GET + b"Nothing\r\n" + CLOSE,
    "no name": GET + b": x\r\n" + CLOSE,
    "HTTP/0.9": b"GET /health\r\n\r\n",
    "HTTP/1.2": GET.replace(b"1.1", b"1.2") + CLOSE,
    "HTTP/2 by its name": GET.replace(b"1.1", b"2.0") + CLOSE,
    "HTTP/2 by its preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "another host in the target": GET.replace(b"/health", b"http://evil/health") + CLOSE,
    "a user in the target": GET.replace(b"/health", b"http://x@evil/health") + CLOSE,
    "an authority as the target": GET.replace(b"/health", b"x:80") + CLOSE,
    "a tunnel": b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a blank in the target": GET.replace(b"/health", b"/hea lth") + CLOSE,
    "tabs between the words": GET.replace(b" /health ", b"\t/health\t") + CLOSE,
    "a hexadecimal prefix of a chunk": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
    "a blank after the size of a chunk": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n2 \r\n{}\r\n0\r\n\r\n",
    "a chunk beyond numbers": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n",
    "a negative chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
    "a chunk ended by a bare line feed": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n",
    "a chunk that is longer than it says": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}  \r\n0\r\n\r\n",
    "a line feed in a chunk's extension": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n2;a\nb\r\n{}\r\n0\r\n\r\n",
} | {
    f"the coding {coding!r}": HEAD + b"Transfer-Encoding:" + coding + b"\r\n" + CHUNKED
    for coding in (
        b"",
        b"identity",
        b"xchunked",
        b"chunkedx",
        b"\x0bchunked",
        b'"chunked"',
        b"chunked;q=1",
        b"chunked, identity",
        b"identity, chunked",
        b"chunked, chunked",
        b"gzip, chunked",
    )
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_be_read_in_two_ways_is_refused(api_process: ApiProcess, name: str) -> None:
    answers = api_process.talk(REFUSED[name] + SECOND)
    assert [answer.status for answer in answers] == [400]
    assert answers[0].headers["connection"] == "close"
    assert json.loads(answers[0].body)["code"] == "malformed_request"


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        (b"http://x/health", b"x", 200),
        (b"http://x:80/health", b"x", 200),
        (b"HTTP://X/health", b"x:80", 200),
        (b"https://x:443/health", b"X", 200),
        (b"http://x:443/health", b"x", 400),
        (b"http://x:8080/health", b"x", 400),
        (b"http://x/health", b"x:8080", 400),
    ],
)
def test_a_target_and_host_may_name_the_same_in_two_ways(
    api_process: ApiProcess, target: bytes, host: bytes, status: int
) -> None:
    [answer] = api_process.talk(b"GET %s HTTP/1.1\r\nHost: %s\r\n" % (target, host) + CLOSE)
    assert answer.status == status


INSIDE = {
    "behind a length": HEAD + b"Content-Length: %d\r\n\r\n" % len(SECOND) + SECOND,
    "in a chunk": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(SECOND), SECOND),
    "in a body that nobody reads": GET.replace(b"/health", b"/openapi.json")
    + b"Content-Length: %d\r\n\r\n" % len(SECOND) + SECOND,
    "in a body that is refused for its credential": HEAD.replace(API_KEY.encode(), b"bad")
    + b"Content-Length: %d\r\n\r\n" % len(SECOND) + SECOND,
    "in a body that is refused for its coding": HEAD
    + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(SECOND) + SECOND,
    "behind another protocol": HEAD
    + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    + b"Content-Length: %d\r\n\r\n" % len(SECOND) + SECOND,
    "behind a websocket": HEAD
    + b"Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: %d\r\n\r\n" % len(SECOND)
    + SECOND,
    "behind a length with blanks around it": HEAD
    + b"Content-Length:  \t%d \r\n\r\n" % len(SECOND) + SECOND,
}  # fmt: skip


@pytest.mark.parametrize("apart", [False, True], ids=["at once", "head and body apart"])
@pytest.mark.parametrize("name", INSIDE)
def test_a_body_is_never_read_as_a_request(
    api_process: ApiProcess, name: str, *, apart: bool
) -> None:
    """Also not where it is refused, or where another parser would stop at the end of the head."""
    head, end, body = INSIDE[name].partition(b"\r\n\r\n")
    with api_process.connect() as connection:
        connection.sendall(head + end)
        if apart:
            time.sleep(0.05)
        connection.sendall(body + LAST)
        answers = read_answers(read_all(connection))
    assert [answer.body == ALIVE for answer in answers] == [False, True]
    assert b"backbone_http" not in answers[0].body


def test_the_rest_of_a_body_refused_for_its_length_is_no_request(api_process: ApiProcess) -> None:
    with api_process.connect() as connection:
        connection.sendall(HEAD + b"Content-Length: 60000000\r\n\r\n")
        first = connection.recv(65536)
        connection.sendall(SECOND)
        time.sleep(0.05)
        connection.shutdown(socket.SHUT_WR)
        [answer] = read_answers(first + read_all(connection))
    assert answer.status == 413


def test_nothing_is_read_after_the_last_request(api_process: ApiProcess) -> None:
    [answer] = api_process.talk(GET + CLOSE + SECOND)
    assert answer.status == 200
    assert b"backbone_http" not in answer.body


def test_what_follows_a_body_is_no_header(api_process: ApiProcess) -> None:
    """Neither of this request nor of the next one on the connection."""
    trailers = b"X-Request-ID: from-a-trailer\r\nX-API-Key: %s\r\n" % API_KEY.encode()
    head = b"POST /api/v1/validate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with api_process.connect() as connection:
        connection.sendall(head)
        time.sleep(0.05)
        connection.sendall(b"2\r\n{}\r\n0\r\n" + trailers + b"\r\n")
        connection.sendall(b"GET /api/v1/jobs HTTP/1.1\r\nHost: x\r\n" + CLOSE)
        answers = read_answers(read_all(connection))
    assert [answer.status for answer in answers] == [401, 401]
    assert all(answer.headers["x-request-id"] != "from-a-trailer" for answer in answers)


def test_another_protocol_is_not_spoken_and_the_request_is_served_all_the_same(
    api_process: ApiProcess,
) -> None:
    wish = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    first, second = api_process.talk(HEAD + wish + b"Content-Length: 2\r\n\r\n{}" + GET + CLOSE)
    assert first.status == 200
    assert json.loads(first.body)["valid"] is False
    assert second.status == 200


def test_nothing_is_echoed_as_trace_would(api_process: ApiProcess) -> None:
    for path in (b"/api/v1/jobs", b"/health", b"/"):
        [answer] = api_process.talk(
            b"TRACE %s HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\nX-Mine: secret-word\r\n"
            % (path, API_KEY.encode())
            + CLOSE
        )
        assert answer.status in {404, 405}
        assert b"secret-word" not in answer.body


def test_requests_sent_far_ahead_are_not_piled_up(api_process: ApiProcess) -> None:
    """Sent in one go they would all be parsed before the first is answered."""
    answers = api_process.talk(GET + b"\r\n" + (GET + b"\r\n") * 5000)
    assert len(answers) < 100
    assert api_process.is_there()


def test_few_requests_sent_ahead_are_answered_in_order(api_process: ApiProcess) -> None:
    sent = b"".join(
        GET + b"X-Request-ID: request-%d\r\n%s" % (number, CLOSE if number == 19 else b"\r\n")
        for number in range(20)
    )
    answers = api_process.talk(sent)
    assert [answer.headers["x-request-id"] for answer in answers] == [
        f"request-{number}" for number in range(20)
    ]
