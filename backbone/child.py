"""One process of the local stack: started in a group of its own, heard, signalled, and reaped."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from common import clock
from common.parent_death import die_with_parent

_LONGEST_LINE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Program:
    """What a child runs. Secrets belong into `environment`: everybody can read a command line."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    """The working directory."""
    stop_within_seconds: float
    """How long it may take over SIGTERM before its whole group is killed."""
    files: tuple[int, ...] = ()
    """File descriptors that it inherits, under the same numbers."""


@dataclass(slots=True)
class Child:
    """A running program. Made by `start`; `output` is non-blocking and closed by `close`."""

    program: Program
    process: subprocess.Popen[bytes]
    output: int
    started_at: float
    unfinished_line: bytearray = field(default_factory=bytearray)

    def read_lines(self) -> list[str] | None:
        """The lines written since the last call; None once nobody can write any more."""
        try:
            chunk = os.read(self.output, _LONGEST_LINE_BYTES)
        except BlockingIOError:
            return []
        if not chunk:
            return None
        self.unfinished_line += chunk
        *lines, rest = self.unfinished_line.split(b"\n")
        if len(rest) > _LONGEST_LINE_BYTES:
            lines.append(rest)
            rest = bytearray()
        self.unfinished_line = bytearray(rest)
        return [line.decode(errors="replace").rstrip("\r") for line in lines]

    @property
    def running(self) -> bool:
        """Whether its first process is still there (this reaps it when it is not)."""
        return self.process.poll() is None

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to every process of its group, also when the first one is gone."""
        try:
            os.killpg(self.process.pid, number)
        except (ProcessLookupError, PermissionError):
            return

    def terminate(self) -> None:
        """Ask its first process to stop; that one knows what to do with the others."""
        if self.running:
            self.process.terminate()

    def close(self) -> None:
        """Kill what is left of the group and let go of the pipe."""
        self.signal_group(signal.SIGKILL)
        self.process.wait()
        os.close(self.output)


def start(program: Program) -> Child:
    """Start `program`; OSError if there is no such command."""
    parent_id = os.getpid()
    output, writing = os.pipe()
    try:
        process = subprocess.Popen(  # noqa: S603 - the commands are the stack's own
            program.command,
            env=dict(program.environment),
            cwd=program.folder,
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            pass_fds=program.files,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(parent_id),  # noqa: PLW1509 - there are no threads
        )
    except BaseException:
        os.close(output)
        raise
    finally:
        os.close(writing)
    os.set_blocking(output, False)
    return Child(program, process, output, clock.monotonic())
