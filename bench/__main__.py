"""`make bench [ONLY=http|jobs|generation|peers|start]`: measure, print, keep figures as JSON."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def main(names: list[str]) -> None:
    figures: dict[str, object] = {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()}
    }
    for name in names or ["start", "http", "jobs", "peers", "generation"]:
        if name == "start":
            from bench import http, start

            with tempfile.TemporaryDirectory() as folder:
                # nobody listens there: building the app must not need a server
                environment, _ = http.environment_for(Path(folder), "redis://127.0.0.1:1/0")
                figures[name] = start.measure(environment)
        elif name == "http":
            from bench import http

            figures[name] = http.measure()
        elif name == "jobs":
            from bench import jobs

            figures[name] = jobs.measure()
        elif name == "peers":
            from bench import peers

            figures[name] = peers.measure()
        elif name == "generation":
            from bench import generation

            figures[name] = generation.measure()
        else:
            raise SystemExit(f"no such measurement: {name} (start, http, jobs, peers, generation)")
        print(json.dumps({name: figures[name]}, indent=2), flush=True)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "latest.json").write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
