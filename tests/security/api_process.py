"""The API as a process of its own on a port of its own, and raw bytes to and from it."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from common import clock
from tests.served_api import ServedApi

API_KEY = ServedApi.api_key
_HIGH = "100000/minute"
_PATIENCE_SECONDS = 60
_NEVER_MET = {
    "RATE_LIMIT_PUBLIC": _HIGH,
    "RATE_LIMIT_AUTHENTICATED": _HIGH,
    "RATE_LIMIT_GENERATION": _HIGH,
    "RATE_LIMIT_VALIDATION": _HIGH,
}


@dataclass(frozen=True)
class Answer:
    """One answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


class ApiProcess(ServedApi):
    """The process, with limits that no test meets by accident, and what is spoken to it."""

    def __init__(self, folder: Path, **settings: str) -> None:
        super().__init__(folder, _NEVER_MET | settings)

    def logged(self) -> str:
        """What it has written so far."""
        return self.log.read_text(encoding="utf-8")

    def forget_peak(self) -> None:
        """Let `peak_bytes` begin again from what is held now."""
        Path(f"/proc/{self.process_id}/clear_refs").write_text("5", encoding="ascii")

    def peak_bytes(self) -> int:
        """The most memory that the process has held."""
        return self.memory_bytes("VmHWM")

    @contextlib.contextmanager
    def connect(
        self, *, timeout_seconds: float = 60, address: str = "127.0.0.1"
    ) -> Iterator[socket.socket]:
        """A connection to it, from one of this machine's own addresses."""
        to = ("127.0.0.1", self.port)
        with socket.create_connection(to, timeout_seconds, (address, 0)) as connection:
            yield connection

    def talk(self, sent: bytes, *, timeout_seconds: float = 60) -> list[Answer]:
        """All answers to what is `sent` at once, until the other side hangs up."""
        with self.connect(timeout_seconds=timeout_seconds) as connection:
            with contextlib.suppress(ConnectionError):
                connection.sendall(sent)
            return read_answers(read_all(connection))

    def is_there(self) -> bool:
        """Whether an honest request is answered as ever, at the latest when it is asked again."""
        until = clock.monotonic() + _PATIENCE_SECONDS
        while httpx.get(f"{self.url}/health/readiness", timeout=60).status_code != 200:
            if clock.monotonic() > until:
                return False
            time.sleep(0.1)
        return True


def read_all(connection: socket.socket) -> bytes:
    """Whatever comes until the other side hangs up, however it does so."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65536):
            received += piece
    return received


def read_one(connection: socket.socket) -> Answer:
    """The first answer, as soon as it is whole."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65536):
            received += piece
            head, end, body = received.partition(b"\r\n\r\n")
            length = re.search(rb"\r\ncontent-length: (\d+)", head)
            if end and length and len(body) >= int(length[1]):
                break
    return read_answers(received)[0]


def read_answers(received: bytes) -> list[Answer]:
    """The answers in what was received, one after the other; all of them have a length."""
    answers = []
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("ascii").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(": ")
            assert name.lower() not in headers, f"{name} was sent twice"
            headers[name.lower()] = value
        status = int(first.split()[1])
        length = 0 if status in {204, 304} else int(headers["content-length"])
        answers.append(Answer(status, headers, received[:length]))
        received = received[length:]
    return answers


def count_in(metrics: str, event: str) -> int:
    """How often a security event has happened, as the metrics tell it."""
    found = re.search(
        rf'^backbone_security_events_total{{event="{event}"}} (\d+)', metrics, re.MULTILINE
    )
    assert found is not None, event
    return int(found[1])
