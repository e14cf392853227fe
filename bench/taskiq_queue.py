"""Another queue to compare with, if it is installed: taskiq on Redis, as it comes."""

from __future__ import annotations

import os
import time
from pathlib import Path

from taskiq_redis import ListQueueBroker

broker = ListQueueBroker(os.environ["BENCH_TASKIQ_URL"])


@broker.task(task_name="bench.nothing")
async def nothing(job_id: str) -> None:
    """A task that does nothing."""


@broker.task(task_name="bench.mark")
def mark(name: str) -> None:
    """Write down when it began."""
    now = time.time()
    with Path(os.environ["BENCH_MARKS"]).open("a") as marks:
        marks.write(f"{name} {now}\n")


async def send_all(count: int, processes: int) -> None:
    """A mark, `count` tasks, and a mark for each process."""
    await broker.startup()
    await mark.kiq("first")
    for _ in range(count):
        await nothing.kiq("job_00000000000000000000000000")
    for _ in range(processes):
        await mark.kiq("last")
    await broker.shutdown()
