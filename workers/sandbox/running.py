"""A job in the sandbox while it runs, and what is known of it afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from common.clock import monotonic
from workers.sandbox.limits import Limits

_CHUNK: Final = 256 * 1024
_KEPT_OUTPUT: Final = 100_000
_KILLED_OVER_CALL: Final = 128 + signal.SIGSYS


class StoppedBy(StrEnum):
    """Who ended a job that did not end by itself."""

    CALLER = "caller"
    LIMITS = "limits"


class Violation(StrEnum):
    """What no honest project does, as far as it can be seen from outside.

    To be slow, large or to crash is no violation.
    """

    OUTPUT_FLOOD = "output_flood"
    ANSWER_FLOOD = "answer_flood"
    ANSWER_BROKEN = "answer_broken"
    """It ended well and left something else than the answer of its task."""
    CALL_REFUSED = "call_refused"
    """It was ended over a system call that only an attack makes."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that is over."""

    job: RunningJob
    outcome: dict[str, Any] | None
    """What the task answered; None where it was killed or broke its answer."""
    reason: str | None
    """Why there is no outcome, in one line."""
    output: str
    """The beginning of what was printed."""
    layers: tuple[str, ...]
    """What isolated it."""
    seconds: float
    violation: Violation | None = None


class RunningJob:
    """One job: the pipes that its outcome and its output come through."""

    def __init__(self, number: int, task: str, limits: Limits, result: int, output: int) -> None:
        self.number = number
        self.task = task
        self.stopped_by: StoppedBy | None = None
        self._why: str | None = None
        self._violation: Violation | None = None
        self._limits = limits
        self._started = monotonic()
        self._received = {result: bytearray(), output: bytearray()}
        self._sizes = {result: 0, output: 0}
        self._result, self._output = result, output
        self._open = {result, output}
        for descriptor in self._open:
            os.set_blocking(descriptor, False)

    @property
    def open_descriptors(self) -> tuple[int, ...]:
        """What there may still be something to read from."""
        return tuple(self._open)

    def read(self, descriptor: int) -> bool:
        """Take in what has come; False once there will be no more."""
        try:
            chunk = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return True
        if not chunk:
            self._open.discard(descriptor)
            os.close(descriptor)
            return False
        self._sizes[descriptor] += len(chunk)
        kept = self._received[descriptor]
        bound = _KEPT_OUTPUT if descriptor == self._output else self._limits.result_bytes
        kept += chunk[: max(0, bound - len(kept))]
        return True

    def over_limits(self) -> bool:
        """Whether it has used more than it may of time, output or outcome."""
        if self._why is None:
            self._why, self._violation = self._exceeded()
        return self._why is not None

    def finish(self, code: int, outer_layers: tuple[str, ...]) -> Ended:
        """What is known once the process has ended with `code` (128 and more: by a signal)."""
        for descriptor in self.open_descriptors:
            # Bounded: whoever still holds the other end could write for ever
            for _ in range(self._limits.result_bytes // _CHUNK + 1):
                if descriptor not in self._open or not self._more(descriptor):
                    break
        self.over_limits()
        layers, outcome = self._parse()
        reason, violation = None, self._violation
        if self.stopped_by is StoppedBy.CALLER:
            outcome, reason, violation = None, "cancelled", None
        elif self._why is not None:
            outcome, reason = None, self._why
        elif code != 0:
            outcome, reason = None, _describe(code)
            if code == _KILLED_OVER_CALL:
                violation = Violation.CALL_REFUSED
        elif outcome is None:
            reason, violation = "its answer can't be read", Violation.ANSWER_BROKEN
        output = self._received[self._output].decode(errors="replace")
        seconds = monotonic() - self._started
        self.discard()
        all_layers = (*outer_layers, *layers)
        return Ended(self, outcome, reason, output, all_layers, seconds, violation)

    def discard(self) -> None:
        """Close the pipes."""
        for descriptor in self.open_descriptors:
            self._open.discard(descriptor)
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def _more(self, descriptor: int) -> bool:
        before = self._sizes[descriptor]
        return self.read(descriptor) and self._sizes[descriptor] > before

    def _exceeded(self) -> tuple[str | None, Violation | None]:
        if monotonic() - self._started > self._limits.wall_seconds:
            return f"took longer than {self._limits.wall_seconds:g} s", None
        if self._sizes[self._output] > self._limits.output_bytes:
            return f"printed more than {self._limits.output_bytes} bytes", Violation.OUTPUT_FLOOD
        if self._sizes[self._result] > self._limits.result_bytes:
            why = f"answered with more than {self._limits.result_bytes} bytes"
            return why, Violation.ANSWER_FLOOD
        return None, None

    def _parse(self) -> tuple[tuple[str, ...], dict[str, Any] | None]:
        lines = bytes(self._received[self._result]).split(b"\n")
        parsed: list[dict[str, Any]] = []
        for line in lines[:2]:
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                break
            if not isinstance(value, dict):
                break
            parsed.append(value)
        layers = tuple(parsed[0].get("layers", ())) if parsed else ()
        return layers, parsed[1] if len(parsed) > 1 else None


def _describe(code: int) -> str:
    if code > 128:  # noqa: PLR2004 - as a shell says it
        number = code - 128
        name = signal.Signals(number).name if number in {*signal.Signals} else f"signal {number}"
        return f"was killed by {name}"
    return f"ended with status {code}"
