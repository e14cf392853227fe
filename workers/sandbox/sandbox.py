"""The sandbox seen from outside: jobs go in, what they found comes out as data."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import itertools
import json
import os
import selectors
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Final, Self

from common.clock import monotonic
from common.errors import TransientError
from common.jobs.codes import ErrorCode
from workers.engines.gate_folder import GateFolder
from workers.sandbox.isolation import Isolation, best_isolation
from workers.sandbox.limits import Limits
from workers.sandbox.running import Ended, RunningJob, StoppedBy, Violation

_START_SECONDS: Final = 60.0
_PACKET: Final = 256 * 1024

OnViolation = Callable[[str, Violation], None]
"""Hears of what a job did, and which task it was given."""


class Sandbox:
    """A preloaded process without rights that forks for every job; a context manager.

    It is started by the first job and started again should it be lost. Whoever opened the sandbox
    may die in any way: the process ends with it. Not for several threads at once.
    """

    def __init__(
        self,
        isolation: Isolation | None = None,
        cache_dir: Path | None = None,
        on_violation: OnViolation = lambda _task, _violation: None,
    ) -> None:
        """Without an `isolation`, the best that this machine has, looked for when it is needed."""
        self._given_isolation = isolation
        self._on_violation = on_violation
        self._cache_dir = cache_dir
        self._own_folder = contextlib.ExitStack()
        self._numbers = itertools.count(1)
        self._running: dict[int, RunningJob] = {}
        self._stack = contextlib.ExitStack()
        self._control: socket.socket | None = None
        self._gates: Path | None = None
        self._owner = os.getpid()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @functools.cached_property
    def _isolation(self) -> Isolation:
        return self._given_isolation or best_isolation()

    @property
    def layers(self) -> tuple[str, ...]:
        """What isolates a job here, as far as can be told beforehand."""
        return self._isolation.probe() or ()

    @property
    def cache_dir(self) -> Path:
        """Where what was worked out once is kept; without one that lasts, as long as this does."""
        if self._cache_dir is None:
            folder = tempfile.TemporaryDirectory(prefix="checks-", ignore_cleanup_errors=True)
            self._cache_dir = Path(self._own_folder.enter_context(folder))
        return self._cache_dir

    @property
    def has_gates(self) -> bool:
        """Whether jobs could be kept from every socket but those in the folder of gates."""
        return self._isolation.bubblewrap is not None

    @property
    def gates(self) -> Path:
        """A folder that jobs see as `isolation.GATES` and can't list, empty as the sandbox starts.

        TransientError where the sandbox can't be started.
        """
        self._started()
        assert self._gates is not None  # noqa: S101 - asked only where `has_gates`
        return self._gates

    def start(
        self,
        task: str,
        *,
        inputs: Sequence[int],
        arguments: Mapping[str, object] | None = None,
        limits: Limits | None = None,
    ) -> RunningJob:
        """Start a job. `inputs` are open files (`sealed`), the first of them the project's.

        TransientError where the sandbox can't be started.
        """
        limits = limits or Limits()
        control = self._started()
        result_read, result_write = os.pipe()
        output_read, output_write = os.pipe()
        job = RunningJob(next(self._numbers), task, limits, result_read, output_read)
        request = {
            "job": job.number,
            "task": task,
            "arguments": dict(arguments or {}),
            "limits": limits.inside(),
        }
        try:
            descriptors = [result_write, output_write, *inputs]
            socket.send_fds(control, [json.dumps(request).encode()], descriptors)
        except OSError as error:
            job.discard()
            self._lose()
            raise TransientError(ErrorCode.SANDBOX_LOST, f"The sandbox is gone: {error}") from error
        finally:
            os.close(result_write)
            os.close(output_write)
        self._running[job.number] = job
        return job

    def wait(self, timeout_seconds: float) -> list[Ended]:
        """The jobs that ended, at the latest after `timeout_seconds` (then perhaps none).

        Watches the limits that are watched from outside. TransientError where the sandbox is lost;
        its jobs are gone then.
        """
        deadline = monotonic() + timeout_seconds
        ended: list[Ended] = []
        with selectors.DefaultSelector() as selector:
            control = self._started()
            selector.register(control, selectors.EVENT_READ)
            for job in self._running.values():
                for descriptor in job.open_descriptors:
                    selector.register(descriptor, selectors.EVENT_READ, job)
            while self._running and not ended:
                for job in self._running.values():
                    if job.over_limits():
                        self.end(job, StoppedBy.LIMITS)
                left = deadline - monotonic()
                if left <= 0:
                    break
                keys = [key for key, _ in selector.select(min(left, 0.1))]
                for key in keys:
                    if key.data is not None and not key.data.read(key.fd):
                        selector.unregister(key.fd)
                # Last, since it closes the pipes of a job that is over
                if any(key.data is None for key in keys):
                    ended += self._hear(control)
        return ended

    def end(self, job: RunningJob, by: StoppedBy = StoppedBy.CALLER) -> None:
        """Kill a job and all that it started; it is among the next that `wait` gives."""
        if job.stopped_by is None and self._control is not None:
            job.stopped_by = by
            with contextlib.suppress(OSError):
                self._control.send(json.dumps({"end": job.number}).encode())

    def end_all(self) -> None:
        """Kill every job, and wait until none is left. TransientError as `wait`."""
        for job in self._running.values():
            self.end(job)
        while self._running:
            self.wait(1)

    def close(self) -> None:
        """End every job and the preloaded process."""
        self._lose()
        self._own_folder.close()

    def _hear(self, control: socket.socket) -> list[Ended]:
        packet = b""
        with contextlib.suppress(ConnectionError):  # it may have died with a request unread
            packet = control.recv(_PACKET)
        if not packet:
            self._lose()
            raise TransientError(
                ErrorCode.SANDBOX_LOST, "The sandbox ended while jobs were running."
            )
        message = json.loads(packet)
        job = self._running.pop(message["ended"])
        ended = job.finish(message["code"], self._isolation.layers)
        if ended.violation is not None:
            self._on_violation(job.task, ended.violation)
        return [ended]

    def _started(self) -> socket.socket:
        if self._owner != os.getpid():
            # In a fork the process belongs to whoever made it
            self._stack.pop_all()
            self._control = None
            self._running.clear()
            self._owner = os.getpid()
        if self._control is None:
            self._control = self._start()
        return self._control

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - the stack closes it, with the process
        self._stack.enter_context(errors)
        try:
            with theirs:
                if self.has_gates:
                    folder = GateFolder()
                    self._stack.callback(folder.close)
                    self._gates = folder.path
                process = self._stack.enter_context(
                    self._isolation.start(theirs.fileno(), errors, self._gates)
                )
            self._stack.callback(_stop, process, ours)
            ours.settimeout(_START_SECONDS)
            packet = ours.recv(_PACKET)
            ours.settimeout(None)
        except OSError as error:
            packet, message = b"", str(error)
        else:
            message = _last_line(errors)
        if not packet:
            ours.close()
            self._lose()
            raise TransientError(ErrorCode.SANDBOX_LOST, f"The sandbox does not start: {message}")
        return ours

    def _lose(self) -> None:
        for job in self._running.values():
            job.discard()
        self._running.clear()
        self._control = None
        self._stack.close()


def open_sandbox(
    cache_dir: Path | None = None,
    on_violation: OnViolation = lambda _task, _violation: None,
) -> Sandbox:
    """A sandbox with the best isolation that this machine has.

    `cache_dir` keeps what is slow to work out and the same for all projects; several processes
    can share it. Without one, the first verification of each sandbox takes some 8 s longer.
    `on_violation` hears of each job that did what no honest one does.
    """
    return Sandbox(cache_dir=cache_dir, on_violation=on_violation)


@contextlib.contextmanager
def sealed(content: bytes) -> Iterator[int]:
    """An open file that several jobs can read and none can change."""
    descriptor = os.memfd_create("input", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        everything = (
            fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
        )
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, everything)
        yield descriptor
    finally:
        os.close(descriptor)


def _stop(process: subprocess.Popen[bytes], control: socket.socket) -> None:
    control.close()
    try:
        process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _last_line(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it says nothing"
