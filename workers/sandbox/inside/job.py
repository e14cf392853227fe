"""One job of the sandbox: a fork with a world of its own, that runs one task and ends."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from . import kernel
from .landlock import restrict_files
from .seccomp import refuse_system_calls

Task = Callable[["Job"], dict[str, Any]]
"""Does the work of a job and gives its outcome: values of JSON."""

_OWN: Final = (
    kernel.NEW_USERS
    | kernel.NEW_MOUNTS
    | kernel.NEW_PROCESSES
    | kernel.NEW_NETWORK
    | kernel.NEW_IPC
    | kernel.NEW_NAMES
)
_WITHOUT_NEW_PRIVILEGES: Final = frozenset({"no_new_privs", "landlock", "seccomp"})
"""The latter two need the first."""
_EXIT_BROKEN: Final = 70
_NPROC_PER_NAMESPACE: Final = (5, 14)


@dataclass(frozen=True)
class Job:
    """What a job was asked for, and what it was given."""

    task: str
    arguments: dict[str, Any]
    limits: dict[str, int]
    """As `workers.sandbox.limits.Limits`, in its units."""
    result: int
    """The pipe for the outcome."""
    output: int
    """The pipe for all that is printed."""
    inputs: tuple[int, ...]
    """Files that may be read: the first is the project's, as JSON (path: text)."""
    folder: Path
    """The only place that can be written to."""
    readable: tuple[str, ...]
    """All else that can be read."""
    wanted: frozenset[str]
    """The layers that are to isolate the job, as far as the machine has them."""
    layers: list[str] = field(default_factory=list)
    """What isolates the job; grows while it is being isolated."""

    @property
    def passes_gates(self) -> bool:
        """Whether it was given databases, which it reaches by Unix sockets."""
        return bool(self.arguments.get("database_urls"))

    @property
    def project(self) -> Path:
        """Where the project's files are."""
        return self.folder / "project"


def start_job(job: Job, task: Task, to_close: tuple[int, ...]) -> int:
    """Fork a job and give its process id; a SIGTERM to that ends the job with all its processes.

    `to_close` are the descriptors that the job has no business with.
    """
    # The handler has to be there before the signal can come
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        process = os.fork()
        if process:
            return process
        _guard(job, task, to_close)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _guard(job: Job, task: Task, to_close: tuple[int, ...]) -> NoReturn:
    """Make the namespaces, start the job as their first process, and wait for its end.

    The first process of a process namespace takes all others with it, however it ends.
    """
    code = _EXIT_BROKEN
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in to_close:
            os.close(descriptor)
        kernel.die_with_parent(signal.SIGKILL)
        # Its own /proc is closed even to itself otherwise
        kernel.hide_memory(hidden=False)
        Path("/proc/self/oom_score_adj").write_text("1000")
        own = "namespaces" in job.wanted and _enter_namespaces()
        child = os.fork()
        if child == 0:
            _run(job, task, own=own)
        kernel.hide_memory()
        os.close(job.result)
        os.close(job.output)
        signal.signal(signal.SIGTERM, lambda *_: _kill(child))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        _, status = os.waitpid(child, 0)
        if not own:
            _kill(child)
        code = os.waitstatus_to_exitcode(status)
        # The way it ended is passed on: an exit code, or 128 and the number of the signal
        code = code if code >= 0 else 128 - code
    except BaseException:  # noqa: BLE001 - a fork must never return into its parent's code
        traceback.print_exc()
    finally:
        os._exit(code)


def _kill(process: int) -> None:
    """End a job: all of its process group where it has no process namespace to go down with it."""
    for end in (os.kill, os.killpg):
        with contextlib.suppress(ProcessLookupError):
            end(process, signal.SIGKILL)


def _enter_namespaces() -> bool:
    user, group = os.geteuid(), os.getegid()
    try:
        kernel.leave_namespaces(_OWN)
    except OSError:
        return False
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return True


def _run(job: Job, task: Task, *, own: bool) -> NoReturn:
    code = _EXIT_BROKEN
    try:
        os.setsid()
        _take_descriptors(job)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        kernel.die_with_parent(signal.SIGKILL)
        _isolate(job, own=own)
        with os.fdopen(job.result, "wb") as result:
            # What holds is said before anything of the project runs, which could say otherwise
            result.write(json.dumps({"layers": job.layers}).encode() + b"\n")
            result.flush()
            _unpack(job)
            outcome = task(job)
            result.write(json.dumps(outcome).encode() + b"\n")
        sys.stdout.flush()
        sys.stderr.flush()
        code = 0
    except BaseException:  # noqa: BLE001 - a fork must never return into its parent's code
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _take_descriptors(job: Job) -> None:
    """Keep the job's own descriptors and nothing else."""
    nowhere = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.dup2(job.output, 1)
    os.dup2(job.output, 2)
    kept = sorted({job.result, *job.inputs})
    last = 3
    for descriptor in kept:
        os.closerange(last, descriptor)
        last = descriptor + 1
    os.closerange(last, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _isolate(job: Job, *, own: bool) -> None:
    own_proc = False
    if own:
        own_proc = _make_own_world(job)
        job.layers.append("namespaces")
    job.folder.mkdir(exist_ok=True)
    if job.wanted & _WITHOUT_NEW_PRIVILEGES:
        kernel.set_no_new_privileges()
        job.layers.append("no_new_privs")
    if "rlimits" in job.wanted:
        _limit(job.limits, own=own)
        job.layers.append("rlimits")
    # Without a /proc of its own, a job may look at itself in it and at nobody else
    readable = [*job.readable, "/proc" if own_proc else "/proc/self"]
    writable = ["/dev/null", str(job.folder)]
    if "landlock" in job.wanted and _holds(lambda: restrict_files(readable, writable)):
        job.layers.append("landlock")
    if own:
        kernel.drop_capabilities()
    unix_sockets = job.passes_gates
    if "seccomp" in job.wanted and _holds(lambda: refuse_system_calls(unix_sockets=unix_sockets)):
        job.layers.append("seccomp")
    os.chdir(job.folder)


def _make_own_world(job: Job) -> bool:
    """A folder in memory with a bound on its size, and a /proc without other jobs, if possible."""
    _holds(lambda: kernel.make_read_only("/"))
    kernel.mount(
        "tmpfs",
        str(job.folder),
        flags=kernel.MOUNT_NO_SUID | kernel.MOUNT_NO_DEVICES,
        options=f"size={job.limits['folder_bytes']},nr_inodes={job.limits['folder_files']}",
    )
    own_proc = _holds(lambda: kernel.mount("proc", "/proc"))
    if own_proc:
        # No namespaces in these namespaces: there all capabilities could be had again
        _holds(lambda: _write("/proc/sys/user/max_user_namespaces", "0"))
    return own_proc


def _write(path: str, text: str) -> None:
    Path(path).write_text(text)


def _holds(measure: Callable[[], None]) -> bool:
    try:
        measure()
    except OSError:
        return False
    return True


def _limit(limits: dict[str, int], *, own: bool) -> None:
    wanted = {
        resource.RLIMIT_CPU: limits["cpu_seconds"],
        resource.RLIMIT_DATA: limits["memory_bytes"],
        resource.RLIMIT_FSIZE: limits["file_bytes"],
        resource.RLIMIT_NOFILE: limits["open_files"],
        # 0 would still let the machine's handler of crashes have all of the memory; 1 is neither
        # enough for a file nor for that handler
        resource.RLIMIT_CORE: 1,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    release = tuple(int(part) for part in os.uname().release.split(".", 2)[:2])
    if own and release >= _NPROC_PER_NAMESPACE:
        # Otherwise all that the user runs anywhere on the machine would be counted
        wanted[resource.RLIMIT_NPROC] = limits["processes"]
    for kind, bound in wanted.items():
        _, most = resource.getrlimit(kind)
        held = bound if most == resource.RLIM_INFINITY else min(bound, most)
        resource.setrlimit(kind, (held, held))


def _unpack(job: Job) -> None:
    """Write the project's files into the job's folder."""
    files = json.loads(read_input(job.inputs[0]))
    made: set[Path] = set()
    for name, text in files.items():
        path = job.project / name
        if path.parent not in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.add(path.parent)
        path.write_text(text, encoding="utf-8", newline="")
    job.project.mkdir(exist_ok=True)
    scratch = job.folder / "tmp"
    scratch.mkdir()


def read_input(descriptor: int) -> bytes:
    """All of an input; its position is shared between jobs and therefore left alone."""
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, size, 0)


def clear_folder(folder: Path) -> None:
    """Remove what a job left, where its folder was not in memory of its own."""
    shutil.rmtree(folder, ignore_errors=True)
