"""Whoever sends or reads too slowly is hung up on, and whoever is only patient is not.

All of them are at it at the same time, on one process with short times; each test is about one.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.contract.conftest import NOTES
from tests.security.api_process import (
    API_KEY,
    Answer,
    ApiProcess,
    count_in,
    read_all,
    read_answers,
)

HEAD_SECONDS, WINDOW_SECONDS, CONNECTIONS = 1, 1, 100
EACH = CONNECTIONS // 4
PROXY = "127.0.0.9"
GOOD = {"X-API-Key": API_KEY}
BAD = b"POST /api/v1/validate HTTP/1.1\r\nHost: x\r\nX-API-Key: bad\r\n"
POST = b"POST /api/v1/validate HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\n" % API_KEY.encode()
GET = b"GET /health HTTP/1.1\r\nHost: x\r\n"
LARGE = "/docs/assets/swagger-ui-bundle.js"
TIMES = 6
MORE_TRIES = 4
EVENT = "event=request.too_slow"


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiProcess]:
    settings = {
        "HEADER_TIMEOUT_SECONDS": str(HEAD_SECONDS),
        "TRANSFER_WINDOW_SECONDS": str(WINDOW_SECONDS),
        "MAX_CONNECTIONS": str(CONNECTIONS),
        "TRUSTED_PROXIES": PROXY,
    }
    with ApiProcess(tmp_path_factory.mktemp("api"), **settings) as started:
        yield started


def drip(process: ApiProcess, pieces: Iterator[bytes], seconds: float) -> list[Answer]:
    """Send a piece every so many `seconds` until the other side hangs up; what it said."""
    with process.connect() as connection:
        connection.settimeout(seconds)
        received = b""
        for piece in pieces:
            try:
                connection.sendall(piece)
                if not (more := connection.recv(65536)):
                    return read_answers(received)
                received += more
            except TimeoutError:
                continue
            except ConnectionError:
                return read_answers(received)
        connection.settimeout(30)
        return read_answers(received + read_all(connection))


def slow_head(process: ApiProcess) -> list[Answer]:
    def pieces() -> Iterator[bytes]:
        yield b"GET /health HTTP/1.1\r\n"
        for number in range(100):
            yield b"X-%d: y\r\n" % number

    return drip(process, pieces(), 0.3)


def slow_second_head(process: ApiProcess) -> list[Answer]:
    def pieces() -> Iterator[bytes]:
        yield GET + b"\r\n" + b"GET /hea"
        yield from [b"l"] * 100

    return drip(process, pieces(), 0.3)


def line_ends_only(process: ApiProcess) -> list[Answer]:
    return drip(process, iter([b"\r\n"] * 100), 0.3)


def nothing_at_all(process: ApiProcess) -> list[Answer]:
    return drip(process, iter([b""]), 30)


def nothing_after_an_answer(process: ApiProcess) -> list[Answer]:
    return drip(process, iter([GET + b"\r\n"]), 30)


def slow_body(process: ApiProcess) -> list[Answer]:
    def pieces() -> Iterator[bytes]:
        yield POST + b"Content-Length: 1000000\r\n\r\n" + b" " * 10_000
        yield from [b" " * 100] * 100

    return drip(process, pieces(), 0.3)


def slow_chunks(process: ApiProcess) -> list[Answer]:
    def pieces() -> Iterator[bytes]:
        yield POST + b"Transfer-Encoding: chunked\r\n\r\n"
        yield from [b"1\r\n \r\n"] * 100

    return drip(process, pieces(), 0.3)


def slow_body_after_a_refusal(process: ApiProcess) -> list[Answer]:
    def pieces() -> Iterator[bytes]:
        yield BAD + b"Content-Length: 1000000\r\n\r\n"
        yield from [b" "] * 100

    return drip(process, pieces(), 0.3)


def body_whole_after_a_refusal(process: ApiProcess, headers: bytes = b"") -> list[Answer]:
    with process.connect() as connection:
        connection.sendall(BAD + headers + b"Content-Length: 10\r\n\r\n")
        refusal = connection.recv(65536)
        time.sleep(0.1)
        with contextlib.suppress(ConnectionError):
            connection.sendall(b" " * 10)
        return read_answers(refusal + read_all(connection))


def body_whole_after_a_refusal_unasked(process: ApiProcess) -> list[Answer]:
    return body_whole_after_a_refusal(process, b"Expect: 100-continue\r\n")


def steady_body_after_a_refusal(process: ApiProcess, headers: bytes = b"") -> int:
    """How many pieces could be sent."""
    sent = 0

    def pieces() -> Iterator[bytes]:
        nonlocal sent
        yield BAD + headers + b"Content-Length: 1000000\r\n\r\n"
        for sent in range(100):  # noqa: B007 - told to who asked
            yield b" " * 1500

    drip(process, pieces(), 0.2)
    return sent


def steady_body_after_a_refusal_unasked(process: ApiProcess) -> int:
    return steady_body_after_a_refusal(process, b"Expect: 100-continue\r\n")


def proxy_that_sends_again_after_a_while(process: ApiProcess) -> list[Answer]:
    with process.connect(address=PROXY) as connection:
        connection.sendall(GET + b"\r\n")
        first = connection.recv(65536)
        time.sleep(7)
        with contextlib.suppress(ConnectionError):
            connection.sendall(GET + b"Connection: close\r\n\r\n")
        return read_answers(first + read_all(connection))


def steady_body(process: ApiProcess) -> list[Answer]:
    body = json.dumps(NOTES).encode()

    def pieces() -> Iterator[bytes]:
        length = 15 * 1500 + len(body)
        yield POST + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % length
        yield from [b" " * 1500] * 15
        yield body

    return drip(process, pieces(), 0.3)


def waits_to_be_asked_for_the_body(process: ApiProcess) -> bytes:
    with process.connect() as connection:
        head = b"Expect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
        connection.sendall(POST + head)
        asked = connection.recv(65536)
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"{}")
        return asked + read_all(connection)


def download(process: ApiProcess, piece_bytes: int, pause_seconds: float, pieces: int) -> int:
    """Fetch more than the system buffers, at first in so many `pieces`; the bytes that came."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.settimeout(30)
        connection.connect(("127.0.0.1", process.port))
        request = f"GET {LARGE} HTTP/1.1\r\nHost: x\r\n".encode()
        connection.sendall((request + b"\r\n") * (TIMES - 1))
        connection.sendall(request + b"Connection: close\r\n\r\n")
        received = 0
        with contextlib.suppress(ConnectionError):
            for _ in range(pieces):
                received += len(connection.recv(piece_bytes))
                time.sleep(pause_seconds)
        return received + len(read_all(connection))


def reads_nothing(process: ApiProcess) -> int:
    return download(process, 1, 6, 1)


def reads_byte_by_byte(process: ApiProcess) -> int:
    return download(process, 8, 0.1, 60)


def reads_slowly(process: ApiProcess) -> int:
    return download(process, 16_384, 0.1, 50)


def waits_for_a_job(process: ApiProcess) -> httpx.Response:
    with httpx.Client(base_url=process.url, headers=GOOD, timeout=60) as client:
        job = client.post("/api/v1/generate", json=NOTES)
        tag = {"If-None-Match": job.headers["ETag"]}
        return client.get(f"/api/v1/jobs/{job.json()['id']}?wait=5", headers=tag)


EVERYBODY: list[Callable[[ApiProcess], Any]] = [
    slow_head,
    slow_second_head,
    line_ends_only,
    nothing_at_all,
    nothing_after_an_answer,
    slow_body,
    slow_chunks,
    slow_body_after_a_refusal,
    body_whole_after_a_refusal,
    body_whole_after_a_refusal_unasked,
    steady_body_after_a_refusal,
    steady_body_after_a_refusal_unasked,
    proxy_that_sends_again_after_a_while,
    steady_body,
    waits_to_be_asked_for_the_body,
    reads_nothing,
    reads_byte_by_byte,
    reads_slowly,
    waits_for_a_job,
]


def is_taken(_process: ApiProcess, answers: list[Answer]) -> bool:
    return [answer.status for answer in answers] == [200]


def is_asked_and_taken(_process: ApiProcess, received: bytes) -> bool:
    return received.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


def is_whole(process: ApiProcess, received: int) -> bool:
    return received > TIMES * len(httpx.get(f"{process.url}{LARGE}").content)


STEADY: dict[Callable[[ApiProcess], Any], Callable[[ApiProcess, Any], bool]] = {
    steady_body: is_taken,
    waits_to_be_asked_for_the_body: is_asked_and_taken,
    reads_slowly: is_whole,
}
"""What is never hung up on where the machine does not stand still; and how that shows."""


def tried(behaviour: Callable[[ApiProcess], Any], process: ApiProcess) -> Any:
    """What it comes to; if the machine may have stood still, what it comes to when it doesn't."""
    outcome = behaviour(process)
    for _ in range(MORE_TRIES):
        if behaviour not in STEADY or STEADY[behaviour](process, outcome):
            break
        outcome = behaviour(process)
    return outcome


@pytest.fixture(scope="module")
def outcomes(process: ApiProcess) -> Iterator[dict[Callable[[ApiProcess], Any], Future[Any]]]:
    with ThreadPoolExecutor(len(EVERYBODY)) as pool:
        yield {behaviour: pool.submit(tried, behaviour, process) for behaviour in EVERYBODY}


@pytest.fixture
def outcome(outcomes: dict[Callable[[ApiProcess], Any], Future[Any]]) -> Callable[[Any], Any]:
    """What a behaviour came to, once it is over."""
    return lambda behaviour: outcomes[behaviour].result(200)


@pytest.mark.usefixtures("outcomes")
def test_an_honest_request_is_answered_meanwhile(process: ApiProcess) -> None:
    for _ in range(10):
        assert process.is_there()


def test_a_head_that_drips_is_refused(outcome: Any) -> None:
    [answer] = outcome(slow_head)
    assert answer.status == 408
    assert json.loads(answer.body)["code"] == "too_slow"
    assert answer.headers["connection"] == "close"
    assert answer.headers["content-security-policy"] == "default-src 'self'"


def test_so_is_the_second_one_on_a_connection(outcome: Any) -> None:
    first, *refusal = outcome(slow_second_head)
    assert first.status == 200
    assert [answer.status for answer in refusal] in ([408], [])


def test_line_ends_are_no_beginning_of_a_head(outcome: Any) -> None:
    assert [answer.status for answer in outcome(line_ends_only)] == [408]


def test_a_connection_on_which_nothing_is_sent_is_closed(outcome: Any) -> None:
    assert outcome(nothing_at_all) == []


def test_a_connection_on_which_nothing_more_is_sent_is_closed(outcome: Any) -> None:
    assert [answer.status for answer in outcome(nothing_after_an_answer)] == [200]


def test_a_body_that_drips_is_refused_however_much_came_at_first(outcome: Any) -> None:
    [answer] = outcome(slow_body)
    assert answer.status == 408
    assert json.loads(answer.body)["instance"] == "/api/v1/validate"


def test_so_is_one_in_chunks(outcome: Any) -> None:
    assert [answer.status for answer in outcome(slow_chunks)] == [408]


def test_so_is_the_rest_of_one_that_was_refused(outcome: Any) -> None:
    assert [answer.status for answer in outcome(slow_body_after_a_refusal)] == [401]


@pytest.mark.parametrize(
    "behaviour", [body_whole_after_a_refusal, body_whole_after_a_refusal_unasked]
)
def test_a_body_that_comes_whole_after_a_refusal_holds_no_connection(
    outcome: Any, behaviour: Any
) -> None:
    assert [answer.status for answer in outcome(behaviour)] == [401]


@pytest.mark.parametrize(
    "behaviour", [steady_body_after_a_refusal, steady_body_after_a_refusal_unasked]
)
def test_a_body_that_comes_steadily_after_a_refusal_is_not_taken_for_long(
    outcome: Any, behaviour: Any
) -> None:
    assert outcome(behaviour) < 99


def test_a_proxy_may_keep_its_connection_for_longer(outcome: Any) -> None:
    """It would send a request on one that is just being closed, and have to answer 502."""
    answers = outcome(proxy_that_sends_again_after_a_while)
    assert [answer.status for answer in answers] == [200, 200]


def test_a_body_that_comes_steadily_is_taken(outcome: Any) -> None:
    [answer] = outcome(steady_body)
    assert answer.status == 200
    assert json.loads(answer.body)["valid"] is True


def test_who_waits_to_be_asked_for_the_body_is_asked(process: ApiProcess, outcome: Any) -> None:
    assert is_asked_and_taken(process, outcome(waits_to_be_asked_for_the_body))


def test_who_does_not_read_is_hung_up_on(process: ApiProcess, outcome: Any) -> None:
    whole = TIMES * len(httpx.get(f"{process.url}{LARGE}").content)
    for behaviour in (reads_nothing, reads_byte_by_byte):
        assert outcome(behaviour) < whole


def test_who_reads_slowly_gets_all_of_it(process: ApiProcess, outcome: Any) -> None:
    assert is_whole(process, outcome(reads_slowly))


def test_a_long_poll_outlives_all_of_that(outcome: Any) -> None:
    assert outcome(waits_for_a_job).status_code == 304


def test_each_is_told_to_whoever_watches(process: ApiProcess, outcome: Any) -> None:
    for behaviour in EVERYBODY:
        outcome(behaviour)
    metrics = httpx.get(f"{process.url}/metrics").text
    assert count_in(metrics, "request.too_slow") >= 7
    assert f"{EVENT} address=127.0.0.1 what=" in process.logged()
    refused = re.findall(r'\nbackbone_http_requests_total\{.*status="408"\} (\d+)', metrics)
    assert sum(map(int, refused)) >= 4


def test_a_connection_on_which_nothing_is_sent_is_nothing_to_tell_of(
    process: ApiProcess, outcome: Any
) -> None:
    """Browsers open them in advance."""
    for behaviour in EVERYBODY:
        outcome(behaviour)
    before = count_in(httpx.get(f"{process.url}/metrics").text, "request.too_slow")
    assert nothing_at_all(process) == []
    assert count_in(httpx.get(f"{process.url}/metrics").text, "request.too_slow") == before


@contextlib.contextmanager
def held(process: ApiProcess, addresses: list[str]) -> Iterator[list[socket.socket]]:
    """A connection from each of `addresses`, on which nothing is sent."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(process.connect(address=address)) for address in addresses]


def refusal_of_the_last(
    process: ApiProcess, addresses: list[str], meanwhile: Callable[[], object] = lambda: None
) -> Answer:
    """What the last of so many is told, where the first are not hung up on before it comes.

    `meanwhile` is called while they are held.
    """
    for _ in range(MORE_TRIES + 1):
        with held(process, addresses) as connections:
            answers = read_answers(read_all(connections[-1]))
            meanwhile()
            for connection in connections:  # nothing was sent on any of them
                read_all(connection)
        if answers:
            break
    [answer] = answers
    return answer


def test_connections_are_counted_and_come_free_again(process: ApiProcess, outcome: Any) -> None:
    for behaviour in EVERYBODY:
        outcome(behaviour)
    before = count_in(httpx.get(f"{process.url}/metrics").text, "connection.refused")
    addresses = [f"127.0.1.{number // 20}" for number in range(CONNECTIONS + 10)]
    answer = refusal_of_the_last(process, addresses)
    assert answer.status == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert process.is_there()
    metrics = httpx.get(f"{process.url}/metrics").text
    assert count_in(metrics, "connection.refused") >= before + 8  # each, not one a second
    assert 'status="503"' in metrics
    assert "event=connection.refused address=127.0.1." in process.logged()


def test_no_address_takes_the_place_of_all(process: ApiProcess, outcome: Any) -> None:
    for behaviour in EVERYBODY:
        outcome(behaviour)

    def others_get_in() -> None:
        assert process.is_there()

    answer = refusal_of_the_last(process, ["127.0.0.7"] * (EACH + 5), others_get_in)
    assert answer.status == 429
    assert json.loads(answer.body)["code"] == "too_many_connections"
    with held(process, [PROXY] * (EACH + 5)) as connections:
        connections[-1].sendall(GET + b"Connection: close\r\n\r\n")
        [answer] = read_answers(read_all(connections[-1]))
        assert answer.status == 200
