"""How long a poll takes with a thousand, a hundred thousand and a million jobs in the store."""

from __future__ import annotations

import random
import sqlite3
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.http import _process, _uvicorn, environment_for, free_port
from bench.load import request_bytes, run_round

SIZES = (1_000, 100_000, 1_000_000)
POLLS = 1500
ROUNDS = 7
_QUEUED = 500
_ID = "job_01kdyak3{:018}"


def _fill(database: Path, caller: str, count: int) -> None:
    """Jobs as they pile up: nearly all have ended, some hundreds wait, in both lanes."""
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(
        """
        WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < ? - 1)
        INSERT INTO jobs (id, caller_id, kind, status, progress_done, progress_total, revision,
            project_name, attempt_count, attempts, created_at, started_at, finished_at, fault_count,
            send_count, output_deleted, lane, table_count, verify_level, stage_seconds)
        SELECT 'job_01kdyak3' || printf('%018d', n), ?, 'generate',
            CASE WHEN n < ? THEN 'queued' ELSE 'succeeded' END, 1, 1, 3, 'bench', 1,
            '[{"number": 1, "worker": "host:1", "started_at": "2026-01-02T03:04:05+00:00",'
            || ' "ended_at": "2026-01-02T03:04:09+00:00", "outcome": "succeeded",'
            || ' "message": null}]',
            '2026-01-02T03:04:05.000000+00:00', '2026-01-02T03:04:05.000000+00:00',
            CASE WHEN n < ? THEN NULL ELSE '2026-01-02T03:04:09.000000+00:00' END, 0, 0, 0,
            n % 2, 5, 'full', '{"verify": 4.0}'
        FROM n
        """,
        (count, caller, _QUEUED, _QUEUED),
    )
    connection.commit()
    connection.close()


@contextmanager
def _serving(folder: Path, size: int) -> Iterator[tuple[int, str]]:
    """The port and the key of an API with so many jobs."""
    folder.mkdir()
    port = free_port()
    environment, key = environment_for(folder, "redis://127.0.0.1:1/0")
    environment |= {"ENABLE_RATE_LIMITING": "false"}
    address = f"http://127.0.0.1:{port}/health/liveness"
    with _process(_uvicorn("api.app:make_app", port, "--factory"), environment, address):
        connection = sqlite3.connect(folder / "backbone.db")
        [caller] = connection.execute("SELECT id FROM callers WHERE name = 'default'").fetchone()
        connection.close()
        _fill(folder / "backbone.db", caller, size)
        yield port, key


def _requests(key: str, size: int, drawn: random.Random) -> list[bytes]:
    """Polls of any job and of those that wait, in turn."""
    numbers = [drawn.randrange(_QUEUED if each % 2 else size) for each in range(POLLS)]
    headers = {"X-API-Key": key}
    return [
        request_bytes("GET", f"/api/v1/jobs/{_ID.format(number)}", headers=headers)
        for number in numbers
    ]


def measure_polls() -> dict[str, object]:
    """p50 and p99 of polls over HTTP by the number of jobs; the goal is within 1.5 times.

    The servers take turns, so that what else the machine does falls on all of them.
    """
    figures: dict[int, list[tuple[float, float]]] = {size: [] for size in SIZES}
    drawn = random.Random(1)
    with tempfile.TemporaryDirectory() as name, ExitStack() as running:
        servers = {
            size: running.enter_context(_serving(Path(name) / str(size), size)) for size in SIZES
        }
        for number in range(ROUNDS + 1):
            for size, (port, key) in servers.items():
                outcome = run_round(port, _requests(key, size, drawn), connections=4)
                assert set(outcome.statuses) == {200}, outcome.statuses
                if number:
                    figures[size].append((outcome.percentile_ms(50), outcome.percentile_ms(99)))
    middle = {
        size: [statistics.median(each[place] for each in rounds) for place in (0, 1)]
        for size, rounds in figures.items()
    }
    ratio = max(
        statistics.median(
            mine[1] / fewest[1] for mine, fewest in zip(rounds, figures[SIZES[0]], strict=True)
        )
        for rounds in figures.values()
    )
    return {
        **{
            f"{size:,} jobs": {"p50_ms": round(p50, 2), "p99_ms": round(p99, 2)}
            for size, (p50, p99) in middle.items()
        },
        "p99_ratio": round(ratio, 2),
        "goal": "<= 1.5",
        "met": ratio <= 1.5,
    }
