"""What the workers of this installation can do: they write it down, the API reads it.

It lies where the artifacts lie, since that is what all machines of an installation share.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from typing import Final

from common.artifacts import ArtifactStore
from common.clock import monotonic
from common.errors import BackboneError

_KEY: Final = "workers/capabilities.json"
_FRESH_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The layers around generated code, and the databases that a migration is really run on."""

    sandbox: tuple[str, ...]
    engines: tuple[str, ...]


def write_capabilities(artifacts: ArtifactStore, capabilities: Capabilities) -> None:
    """Replace what was written before; TransientError as `ArtifactStore.put`."""
    artifacts.put(_KEY, json.dumps(asdict(capabilities)).encode())


class CapabilityReader:
    """Reads them, at most every few seconds."""

    def __init__(self, artifacts: ArtifactStore) -> None:
        self._artifacts = artifacts
        self._lock = threading.Lock()
        self._read_at: float | None = None
        self._last: Capabilities | None = None

    def read(self) -> Capabilities | None:
        """What the workers wrote last; None if no worker ever ran, or nobody can tell."""
        with self._lock:
            now = monotonic()
            if self._read_at is None or now - self._read_at > _FRESH_SECONDS:
                self._last = self._look()
                self._read_at = now
            return self._last

    def _look(self) -> Capabilities | None:
        try:
            stored = json.loads(self._artifacts.get(_KEY))
            return Capabilities(tuple(stored["sandbox"]), tuple(stored["engines"]))
        except (BackboneError, ValueError, KeyError, TypeError):
            return None
