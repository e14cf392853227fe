"""A small HTTP/1.1 load generator: prepared bytes over kept-alive loopback connections.

A client library would cost more than the servers that are measured; this one only counts status
codes and times.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Round:
    """What one round of requests came to."""

    seconds: float
    latencies_seconds: list[float]
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def requests_per_second(self) -> float:
        return len(self.latencies_seconds) / self.seconds

    def percentile_ms(self, percent: int) -> float:
        return statistics.quantiles(self.latencies_seconds, n=100)[percent - 1] * 1000


def request_bytes(
    method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b""
) -> bytes:
    """One request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines += [f"Content-Length: {len(body)}", "Content-Type: application/json"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def _connection(port: int, requests: Iterator[bytes], outcome: Round) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for request in requests:
            start = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = 0
            for line in head.split(b"\r\n"):
                if line[:15].lower() == b"content-length:":
                    length = int(line[15:])
            if length:
                await reader.readexactly(length)
            outcome.latencies_seconds.append(time.perf_counter() - start)
            outcome.statuses[int(head[9:12])] += 1
    finally:
        writer.close()


async def _round(port: int, requests: list[bytes], connections: int) -> Round:
    outcome = Round(0.0, [])
    shared = iter(requests)  # one iterator for all connections: whoever is free takes the next
    start = time.perf_counter()
    await asyncio.gather(*(_connection(port, shared, outcome) for _ in range(connections)))
    outcome.seconds = time.perf_counter() - start
    return outcome


def run_round(port: int, requests: list[bytes], *, connections: int = 16) -> Round:
    """Send all `requests` to `port` on loopback over `connections` and wait for their answers."""
    return asyncio.run(_round(port, requests, connections))
