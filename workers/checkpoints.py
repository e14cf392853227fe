"""What a stage made, kept so that another attempt need not make it again.

A stage is a function of values. Its fingerprint covers all of them, our code and the libraries that
it runs on: what was made of anything else is never taken for it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Final, Protocol

from common.jobs.job import Stage

_CODE: Final = Path(__file__).resolve().parents[1]
_ROOMS: Final = ("common", "workers")


class Checkpoints(Protocol):
    """Where a pipeline keeps what its stages made; nothing that goes wrong there is raised."""

    def find(self, stage: Stage, fingerprint: str) -> bytes | None:
        """What was kept of this stage with these inputs; None if nothing was."""

    def keep(self, stage: Stage, fingerprint: str, content: bytes) -> None:
        """Keep what the stage has just made, before anything else can go wrong."""


class NoCheckpoints:
    """For runs that nobody will take up again."""

    def find(self, _stage: Stage, _fingerprint: str) -> bytes | None:
        """Nothing."""
        return None

    def keep(self, _stage: Stage, _fingerprint: str, _content: bytes) -> None:
        """Forget it."""


NO_CHECKPOINTS: Final = NoCheckpoints()


_ROUNDS: Final = "rounds"


def rounds_before(checkpoints: Checkpoints, stage: Stage) -> int:
    """How often jobs that this one repeats have asked a model in vain, to their end."""
    kept = checkpoints.find(stage, _ROUNDS)
    return int(kept) if kept is not None and kept.isdigit() else 0


def note_round(checkpoints: Checkpoints, stage: Stage) -> None:
    """Count that a job has failed for what its model wrote; whoever repeats it asks anew."""
    checkpoints.keep(stage, _ROUNDS, str(1 + rounds_before(checkpoints, stage)).encode())


def fingerprint(stage: Stage, *inputs: object) -> str:
    """A name for what `stage` makes of `inputs` (JSON values): 64 hexadecimal digits."""
    spelt = json.dumps([stage.value, _made_by(), inputs], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelt.encode()).hexdigest()


@cache
def _made_by() -> str:
    """This code, to the byte, and whatever is installed beside it."""
    seen = hashlib.sha256()
    for path in sorted(path for room in _ROOMS for path in (_CODE / room).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            seen.update(f"{path.relative_to(_CODE)}\n".encode())
            seen.update(hashlib.sha256(path.read_bytes()).digest())
    installed = sorted(f"{each.name} {each.version}" for each in distributions())
    seen.update("\n".join([sys.version, *installed]).encode())
    return seen.hexdigest()
