"""Whether what the platform needs is there."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from common.clock import monotonic

_REMEMBER_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 2.0
"""A component that takes longer to answer is down."""

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
    """Asks every component, at most once a second however often it is asked itself.

    Everybody who asks meanwhile gets the same answer, and none of them holds a thread.
    """

    def __init__(self, probes: Mapping[str, Callable[[], None] | None]) -> None:
        """A probe raises if its component is down; None stands for one that is not set up."""
        self._probes = {name: probe and _Probe(name, probe) for name, probe in probes.items()}
        self._looking: asyncio.Task[Health] | None = None
        self._last: tuple[float, Health] | None = None

    async def ask(self) -> Health:
        """The health of the last second, within `LONGEST_SECONDS`."""
        if self._last is not None and monotonic() - self._last[0] <= _REMEMBER_SECONDS:
            return self._last[1]
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(self._looking)

    async def _look(self) -> Health:
        found = await asyncio.gather(*map(_ask, self._probes.values()))
        health = Health(dict(zip(self._probes, found, strict=True)))
        self._last = (monotonic(), health)
        return health


class _Probe:
    """One component, asked in a thread of its own: one that hangs takes no other's."""

    def __init__(self, name: str, probe: Callable[[], None]) -> None:
        self._name = name
        self._probe = probe
        self._asked: asyncio.Future[Exception | None] | None = None
        """What the probe ended with"""

    async def ask(self) -> None:
        """Return if the component answers; whatever the probe raises, TimeoutError."""
        if self._asked is None or self._asked.done():
            self._asked = asyncio.get_running_loop().create_future()
            # A daemon: the process may end though nobody has answered
            name = f"health-{self._name}"
            threading.Thread(target=self._run, args=(self._asked,), name=name, daemon=True).start()
        error = await asyncio.wait_for(asyncio.shield(self._asked), LONGEST_SECONDS)
        if error is not None:
            raise error

    def _run(self, asked: asyncio.Future[Exception | None]) -> None:
        failure: Exception | None = None
        try:
            self._probe()
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asks
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            asked.get_loop().call_soon_threadsafe(asked.set_result, failure)


async def _ask(probe: _Probe | None) -> Component:
    if probe is None:
        return Component("not_configured", None)
    started = monotonic()
    try:
        await probe.ask()
    except Exception:  # noqa: BLE001 - whatever it is that fails, the component is down
        return Component("down", round(monotonic() - started, 4))
    return Component("ok", round(monotonic() - started, 4))
