"""The queues that ours is compared with: Celery as it comes, and taskiq on Redis."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BARE_MANY = 3000
DURABLE_MANY = 600
ENOUGH_SECONDS = 120


def _tree(process_id: int) -> list[int]:
    """The process and those it started."""
    found = [process_id]
    for task in Path(f"/proc/{process_id}/task").glob("*/children"):
        for child in task.read_text().split():
            found += _tree(int(child))
    return found


def cpu_seconds(process_id: int) -> float:
    """What a process, its children and those that have ended have used so far."""
    ticks = 0
    for each in _tree(process_id):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def celery_worker(module: str, processes: int, environment: dict[str, str]) -> Iterator[int]:
    command = [
        sys.executable, "-m", "celery", "-A", module, "worker", "--pool=prefork",
        f"--concurrency={processes}", "--without-gossip", "--loglevel=ERROR",
    ]  # fmt: skip
    with _run(command, environment) as process_id:
        yield process_id


@contextmanager
def _run(command: list[str], environment: dict[str, str]) -> Iterator[int]:
    process = subprocess.Popen(
        command,
        env=environment | {"PYTHONPATH": str(Path(__file__).parents[1])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


class Marks:
    """A file in which tasks write down when they began."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def clear(self) -> None:
        self.path.unlink(missing_ok=True)

    def wait(self, name: str, count: int = 1) -> list[float]:
        """When the marks of this name were made."""
        deadline = time.monotonic() + ENOUGH_SECONDS
        while True:
            lines = self.path.read_text().splitlines() if self.path.exists() else []
            found = [float(line.split()[1]) for line in lines if line.startswith(f"{name} ")]
            if len(found) >= count:
                return found
            assert time.monotonic() < deadline, "the tasks do not end"
            time.sleep(0.005)


class Bare:
    """Celery in a folder."""

    def __init__(self, folder: Path, redis_url: str) -> None:
        folder.mkdir()
        self.marks = Marks(folder / "marks")
        self.environment = {
            "PATH": os.environ["PATH"],
            "CELERY_BROKER_URL": f"{redis_url.rpartition('/')[0]}/1",
            "BENCH_MARKS": str(self.marks.path),
            "REMAP_SIGTERM": "SIGQUIT",  # or it may never end
        }
        from bench import bare_queue

        bare_queue.app.conf.broker_url = self.environment["CELERY_BROKER_URL"]
        self.queue = bare_queue

    @contextmanager
    def worker(self, processes: int) -> Iterator[int]:
        self.marks.clear()
        with celery_worker("bench.bare_queue", processes, self.environment) as process_id:
            yield process_id


class Taskiq:
    """taskiq in a folder."""

    def __init__(self, folder: Path, redis_url: str) -> None:
        folder.mkdir()
        self.marks = Marks(folder / "marks")
        self.environment = {
            "PATH": os.environ["PATH"],
            "BENCH_TASKIQ_URL": f"{redis_url.rpartition('/')[0]}/2",
            "BENCH_MARKS": str(self.marks.path),
        }

    @contextmanager
    def worker(self, processes: int) -> Iterator[int]:
        self.marks.clear()
        command = [
            *(sys.executable, "-m", "taskiq", "worker", "bench.taskiq_queue:broker"),
            *("--workers", str(processes), "--log-level", "ERROR"),
        ]
        with _run(command, self.environment) as process_id:
            yield process_id


def drain_bare(bare: Bare, processes: int) -> tuple[float, float]:
    """The same of tasks that do nothing; what sending them costs is added, as ours sends, too."""
    ids = ["job_00000000000000000000000000"] * BARE_MANY
    return _drain_celery(bare, bare.queue.nothing, ids, processes)


def drain_durable(bare: Bare, processes: int) -> tuple[float, float]:
    """The same of tasks that keep two files and a row."""
    ids = [f"job_{number:026}" for number in range(DURABLE_MANY)]
    shutil.rmtree(bare.marks.path.parent)
    bare.marks.path.parent.mkdir()
    return _drain_celery(bare, bare.queue.durable, ids, processes)


def _drain_celery(
    bare: Bare,
    task: Any,  # noqa: ANN401 - Celery's own
    ids: list[str],
    processes: int,
) -> tuple[float, float]:
    bare.queue.mark.delay("first")
    sending = time.process_time()
    for each in ids:
        task.apply_async(args=[each])
    sending = time.process_time() - sending
    for _ in range(processes):
        bare.queue.mark.delay("last")
    with bare.worker(processes) as process_id:
        return _until_the_last(bare.marks, process_id, sending, len(ids), processes)


def drain_taskiq(taskiq: Taskiq, processes: int) -> tuple[float, float]:
    """The same of tasks of taskiq that do nothing."""
    os.environ |= taskiq.environment
    from bench.taskiq_queue import send_all

    sending = time.process_time()
    asyncio.run(send_all(BARE_MANY, processes))
    sending = time.process_time() - sending
    with taskiq.worker(processes) as process_id:
        return _until_the_last(taskiq.marks, process_id, sending, BARE_MANY, processes)


def _until_the_last(
    marks: Marks, process_id: int, sending: float, count: int, processes: int
) -> tuple[float, float]:
    first = marks.wait("first")[0]
    used = cpu_seconds(process_id)
    last = marks.wait("last", processes)[-1]
    used = cpu_seconds(process_id) - used
    return (last - first) / count * 1000, (used + sending) / count * 1000
