"""Submit and poll, with authentication, limits and durable commits on, beside bare endpoints.

Both servers are one uvicorn process each, on the same Valkey, and take turns, so that what else the
machine does falls on both. No worker runs: its work would be measured too.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backbone.bundled_valkey import valkey_program, valkey_url
from bench.documents import document
from bench.load import Round, request_bytes, run_round

ROUNDS = 5
SUBMITS = 600
POLLS = 2000
CONNECTIONS = 16


@dataclass(frozen=True)
class Side:
    """One of two servers, and what it is asked."""

    process_id: int
    port: int
    request: bytes
    count: int


def free_port() -> int:
    """A port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _process(command: list[str], environment: dict[str, str], ready_url: str) -> Iterator[int]:
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(ready_url, timeout=1).read()
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError(f"{command[0]} ended with {process.returncode}") from None
                time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def _valkey(folder: Path) -> Iterator[str]:
    port, password = free_port(), secrets.token_hex(16)
    program = valkey_program(folder / "valkey", port, password)
    process = subprocess.Popen(program.command, stdout=subprocess.DEVNULL)
    try:
        time.sleep(1)
        yield valkey_url(port, password)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _uvicorn(application: str, port: int, *extra: str) -> list[str]:
    return [
        sys.executable, "-m", "uvicorn", application, "--port", str(port), "--no-access-log",
        "--log-level", "warning", *extra,
    ]  # fmt: skip


def environment_for(folder: Path, redis_url: str) -> tuple[dict[str, str], str]:
    """The environment of an API with everything on and limits out of the way; and its key."""
    key = secrets.token_urlsafe(32)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "DATA_DIR": str(folder),
        "REDIS_URL": redis_url,
        "CELERY_BROKER_URL": redis_url,
        "API_KEY": key,
        "JWT_SECRET_KEY": secrets.token_urlsafe(32),
        "RATE_LIMIT_AUTHENTICATED": "100000000/minute",
        "RATE_LIMIT_GENERATION": "100000000/minute;900000000/hour",
        "LOG_LEVEL": "WARNING",
    }
    return environment, key


def _cpu_seconds(process_id: int) -> float:
    """What a process has used so far, in user and in kernel mode."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _compare(ours: Side, bare: Side) -> dict[str, object]:
    """Requests a second of both, in turn, and the ratio pair by pair."""
    pairs: list[tuple[Round, Round]] = []
    used = {ours: 0.0, bare: 0.0}
    for number in range(ROUNDS + 1):
        outcomes = []
        for side in (ours, bare):
            before = _cpu_seconds(side.process_id)
            outcome = run_round(side.port, [side.request] * side.count, connections=CONNECTIONS)
            assert set(outcome.statuses) <= {200, 202}, outcome.statuses
            outcomes.append(outcome)
            if number:
                used[side] += _cpu_seconds(side.process_id) - before
        if number:
            pairs.append((outcomes[0], outcomes[1]))
    ratios = [a.requests_per_second / b.requests_per_second for a, b in pairs]
    return {
        "ours_per_second": round(statistics.median(a.requests_per_second for a, _ in pairs)),
        "bare_per_second": round(statistics.median(b.requests_per_second for _, b in pairs)),
        "ratio": round(statistics.median(ratios), 2),
        "ratio_lowest": round(min(ratios), 2),
        "ratio_highest": round(max(ratios), 2),
        "ours_cpu_us_per_request": round(used[ours] / ROUNDS / ours.count * 1e6),
        "bare_cpu_us_per_request": round(used[bare] / ROUNDS / bare.count * 1e6),
        "ours_p50_ms": round(statistics.median(a.percentile_ms(50) for a, _ in pairs), 2),
        "ours_p99_ms": round(statistics.median(a.percentile_ms(99) for a, _ in pairs), 2),
    }


def measure() -> dict[str, object]:
    """Ratios of requests a second: submit (goal >= 0.5) and poll (goal >= 0.3)."""
    with tempfile.TemporaryDirectory() as name, _valkey(Path(name)) as redis_url:
        environment, key = environment_for(Path(name), redis_url)
        ours, bare = free_port(), free_port()
        with (
            _process(
                [sys.executable, "-m", "api.server"],  # as it is served: within bounds
                environment | {"API_PORT": str(ours)},
                f"http://127.0.0.1:{ours}/health/readiness",
            ) as our_process,
            _process(
                _uvicorn("bench.bare_app:app", bare),
                environment,
                f"http://127.0.0.1:{bare}/hello",
            ) as bare_process,
        ):
            headers = {"X-API-Key": key}
            body = json.dumps(document(1)).encode()
            submit = request_bytes("POST", "/api/v1/generate", headers=headers, body=body)
            bare_submit = request_bytes("POST", "/submit")
            submitted = _compare(
                Side(our_process, ours, submit, SUBMITS),
                Side(bare_process, bare, bare_submit, SUBMITS),
            )
            request = urllib.request.Request(
                f"http://127.0.0.1:{ours}/api/v1/generate",
                data=body,
                headers=headers,
                method="POST",
            )
            job_id = json.load(urllib.request.urlopen(request))["id"]
            poll = request_bytes("GET", f"/api/v1/jobs/{job_id}", headers=headers)
            hello = request_bytes("GET", "/hello")
            polled = _compare(
                Side(our_process, ours, poll, POLLS), Side(bare_process, bare, hello, POLLS)
            )
    return {
        "submit": {**submitted, "goal": ">= 0.5"},
        "poll": {**polled, "goal": ">= 0.3"},
    }
