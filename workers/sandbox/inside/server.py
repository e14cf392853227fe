"""Takes requests from the owner of the sandbox and forks a job for each.

It speaks by packets of JSON over one socket, whose descriptors come along:

    -> {"job": 1, "task": "compile", "arguments": {…}, "limits": {…}}  + result, output, inputs…
    -> {"end": 1}                              kill the job
    <- {"ready": […]}                          once, with the names that could not be imported
    <- {"ended": 1, "code": 0}                 an exit code, or 128 and the number of a signal
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import itertools
import json
import os
import select
import signal
import socket
from pathlib import Path
from typing import Any, Final

from .job import Job, clear_folder, start_job
from .tasks import PRELOADED, TASKS

_PACKET: Final = 256 * 1024
_MOST_DESCRIPTORS: Final = 16


def serve(
    control: socket.socket, folder: Path, readable: tuple[str, ...], wanted: frozenset[str]
) -> None:
    """Import what jobs need, then answer until the other end of the socket is closed."""
    missing = []
    for name in PRELOADED:
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    # Nothing that is there now is ever freed: the forks leave its pages shared
    gc.collect()
    gc.freeze()
    # Jobs are short and bounded in memory: looking for garbage less often saves a fifth of the time
    # that a project's tests take
    gc.set_threshold(100_000, 20, 20)
    _Server(control, folder, readable, wanted).serve(missing)


class _Server:
    """The jobs that run now, and the socket that they come from."""

    def __init__(
        self,
        control: socket.socket,
        folder: Path,
        readable: tuple[str, ...],
        wanted: frozenset[str],
    ) -> None:
        self._control = control
        self._folder = folder
        self._readable = readable
        self._wanted = wanted
        self._processes: dict[int, int] = {}  # process: job
        self._folders: dict[int, Path] = {}
        self._numbers = itertools.count(1)
        self._woken, self._wake = os.pipe()
        for end in (self._woken, self._wake):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)

    def serve(self, missing: list[str]) -> None:
        """Answer until the other end of the socket is closed."""
        self._say({"ready": missing})
        control = self._control.fileno()
        while True:
            readable, _, _ = select.select([control, self._woken], [], [])
            if self._woken in readable:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._woken, 4096)
                self._reap()
            if control in readable and not self._take():
                return

    def _take(self) -> bool:
        packet, descriptors, _, _ = socket.recv_fds(self._control, _PACKET, _MOST_DESCRIPTORS)
        if not packet:
            return False
        request = json.loads(packet)
        if "end" in request:
            for process, number in self._processes.items():
                if number == request["end"]:
                    os.kill(process, signal.SIGTERM)
            return True
        try:
            self._start(request, descriptors)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        return True

    def _start(self, request: dict[str, Any], descriptors: list[int]) -> None:
        result, output, *inputs = descriptors
        job = Job(
            task=request["task"],
            arguments=request["arguments"],
            limits=request["limits"],
            result=result,
            output=output,
            inputs=tuple(inputs),
            folder=self._folder / str(next(self._numbers)),
            readable=self._readable,
            wanted=self._wanted,
        )
        job.folder.mkdir()
        private = (self._control.fileno(), self._woken, self._wake)
        process = start_job(job, TASKS[job.task], private)
        self._processes[process] = request["job"]
        self._folders[process] = job.folder

    def _reap(self) -> None:
        while self._processes:
            process, status = os.waitpid(-1, os.WNOHANG)
            if process == 0:
                return
            number = self._processes.pop(process)
            clear_folder(self._folders.pop(process))
            self._say({"ended": number, "code": os.waitstatus_to_exitcode(status)})

    def _say(self, message: dict[str, Any]) -> None:
        self._control.send(json.dumps(message).encode())
