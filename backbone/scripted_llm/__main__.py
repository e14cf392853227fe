"""The server as a process: `python -m backbone.scripted_llm FOLDER PORT`, on loopback alone."""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from backbone.scripted_llm.app import ScriptedLlm


def main() -> None:
    """Serve until SIGTERM."""
    folder, port = sys.argv[1:]
    sys.stderr.write(f"scripted answers, no model: http://127.0.0.1:{port}\n")
    configuration = uvicorn.Config(
        ScriptedLlm(Path(folder)),
        host="127.0.0.1",
        port=int(port),
        log_level="critical",  # an answer that is cut off is meant to be
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(configuration).run()


if __name__ == "__main__":
    main()
