"""Whether what the platform needs is there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from common.clock import monotonic

_REMEMBER_SECONDS: Final = 1.0

State = Literal["ok", "down", "not_configured"]


@dataclass(frozen=True, slots=True)
class Component:
    """How one component answered, and how long it took."""

    status: State
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Health:
    """All components at one moment."""

    components: Mapping[str, Component]

    @property
    def status(self) -> Literal["ok", "degraded", "unavailable"]:
        """Without the database nothing works; without anything else jobs still are accepted."""
        if self.components["database"].status != "ok":
            return "unavailable"
        if any(component.status == "down" for component in self.components.values()):
            return "degraded"
        return "ok"

    @property
    def http_status(self) -> int:
        """200, or 503 for a platform that can't serve."""
        return 503 if self.status == "unavailable" else 200


class HealthCheck:
    """Asks every component, at most once a second however often it is asked itself."""

    def __init__(self, probes: Mapping[str, Callable[[], None] | None]) -> None:
        """A probe raises if its component is down; None stands for one that is not set up."""
        self._probes = dict(probes)
        self._lock = threading.Lock()
        self._last: tuple[float, Health] | None = None

    def ask(self) -> Health:
        """The health of the last second."""
        with self._lock:
            now = monotonic()
            if self._last is None or now - self._last[0] > _REMEMBER_SECONDS:
                components = {name: _ask(probe) for name, probe in self._probes.items()}
                self._last = (now, Health(components))
            return self._last[1]


def _ask(probe: Callable[[], None] | None) -> Component:
    if probe is None:
        return Component("not_configured", None)
    started = monotonic()
    try:
        probe()
    except Exception:  # noqa: BLE001 - whatever it is that fails, the component is down
        return Component("down", round(monotonic() - started, 4))
    return Component("ok", round(monotonic() - started, 4))
