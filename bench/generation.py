"""How long rendering and full verification take for 1 to 50 tables, and their peak memory."""

from __future__ import annotations

import resource
import statistics
import tempfile
import time
from pathlib import Path

from bench.documents import document
from common.document.limits import DocumentLimits
from common.document.read import read_document
from workers.plan import make_plan
from workers.sandbox.sandbox import open_sandbox
from workers.stages.render import render
from workers.stages.verify import verify

SIZES = (1, 5, 20, 50)
REPEATS = 3


def measure() -> dict[str, object]:
    """Seconds (medians of three, first call apart) by number of tables."""
    outcome: dict[str, object] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        open_sandbox(cache_dir=Path(folder) / "cache") as sandbox,
    ):
        for tables in SIZES:
            read_seconds, render_seconds, verify_seconds = [], [], []
            for _ in range(REPEATS + 1):
                start = time.perf_counter()
                reading = read_document(document(tables), DocumentLimits())
                read_seconds.append(time.perf_counter() - start)
                assert reading.resolved is not None
                assert reading.document is not None
                start = time.perf_counter()
                files = render(make_plan(reading.resolved))
                render_seconds.append(time.perf_counter() - start)
                start = time.perf_counter()
                report = verify(files, reading.document, level="full", sandbox=sandbox)
                verify_seconds.append(time.perf_counter() - start)
                assert report.passed, [check for check in report.checks if check.output]
            outcome[f"{tables} tables"] = {
                "files": len(files),
                "read_seconds": round(statistics.median(read_seconds[1:]), 4),
                "render_and_format_seconds": round(statistics.median(render_seconds[1:]), 3),
                "render_ms_per_table": round(
                    statistics.median(render_seconds[1:]) / tables * 1000, 1
                ),
                "render_first_seconds": round(render_seconds[0], 3),
                "verify_full_seconds": round(statistics.median(verify_seconds[1:]), 2),
                "verify_first_seconds": round(verify_seconds[0], 2),
                "peak_mb": {
                    "this process": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                    "largest child": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
                },
                "checks": {check.name: round(check.seconds, 2) for check in report.checks},
            }
    small, large = (outcome[f"{count} tables"] for count in (5, 50))
    assert isinstance(small, dict)
    assert isinstance(large, dict)
    outcome["one more table"] = {
        "render_and_format_ms": round(
            (large["render_and_format_seconds"] - small["render_and_format_seconds"]) / 45 * 1000, 2
        ),
        "goal": "<= 10",
    }
    outcome["a table of 50 to a table of 5"] = {
        "ratio": round(large["render_ms_per_table"] / small["render_ms_per_table"], 2),
        "goal": "<= 1.3",
    }
    return outcome
