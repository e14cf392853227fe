"""How long the API takes to start, against importing its libraries and nothing else."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

LIBRARIES = (
    "fastapi, uvicorn, celery, kombu.transport.redis, redis, sqlalchemy, slowapi, limits, "
    "jose.jwt, pydantic_settings, prometheus_client, alembic"
)


def _seconds(code: str, environment: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    return time.perf_counter() - start


def measure(environment: dict[str, str]) -> dict[str, object]:
    """Seconds to build the app in a new process, beside those of the bare imports, in turn."""
    ours, bare = [], []
    for _ in range(6):
        ours.append(_seconds("from api.app import make_app; make_app()", environment))
        bare.append(_seconds(f"import {LIBRARIES}", environment))
    ratios = [a / b for a, b in zip(ours[1:], bare[1:], strict=True)]
    return {
        "api_seconds": round(statistics.median(ours[1:]), 2),
        "bare_import_seconds": round(statistics.median(bare[1:]), 2),
        "ratio": round(statistics.median(ratios), 2),
        "goal": "<= 1.3",
    }
