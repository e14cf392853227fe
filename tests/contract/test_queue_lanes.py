"""What somebody waits for overtakes batches in the broker, and is taken first by a worker."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import Celery
from kombu import Connection
from kombu.exceptions import OperationalError
from pydantic import SecretStr
from redis import Redis

from common import clock
from common.jobs.lanes import Lane
from common.queue import RUN_JOB, make_celery, send_job
from common.settings import Settings
from tests.own_valkey import OwnValkey

_USUAL_RABBITMQ = "amqp://guest:guest@127.0.0.1:5672//"
_ENOUGH_SECONDS = 60

# A worker as ours, but for its task: it says which job it has, and keeps it until it is told.
_WORKER = """
import sys, time
from pathlib import Path
from celery.signals import worker_process_init
from common.queue import RUN_JOB, make_celery
from common.settings import Settings

folder, processes, starting_seconds = sys.argv[1:]
app = make_celery(Settings(data_dir=Path(folder)))

def run(job_id):
    with open(Path(folder) / "taken", "a") as taken:
        taken.write(job_id + "\\n")
    while not any((Path(folder) / name).exists() for name in ("go", job_id)):
        time.sleep(0.02)

def start_slowly(**_):
    time.sleep(float(starting_seconds))

worker_process_init.connect(start_slowly)
app.task(run, name=RUN_JOB)
app.worker_main(["worker", "--concurrency", processes, "--without-mingle", "--loglevel=WARNING"])
"""


def app_for(url: str, folder: Path) -> Celery:
    return make_celery(Settings(celery_broker_url=SecretStr(url), data_dir=folder))


def job(number: int) -> str:
    return f"job_01m84r2bpxptkgp46j6m66k{number:03}"


@pytest.fixture
def own_valkey(valkey_url: str) -> str:
    """A database that no other test looks into."""
    return f"{valkey_url.rpartition('/')[0]}/7"


class Worker:
    """A real worker with real processes, on the real broker."""

    def __init__(self, url: str, folder: Path, processes: int, starting_seconds: float = 0) -> None:
        self._folder = folder
        self._taken = folder / "taken"
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", _WORKER),
                *(str(folder), str(processes), str(starting_seconds)),
            ],
            # As ours: a plain SIGTERM is waited over for ever now and then
            env=os.environ | {"CELERY_BROKER_URL": url, "REMAP_SIGTERM": "SIGQUIT"},
        )

    @property
    def so_far(self) -> list[str]:
        """The jobs that were taken until now."""
        return self._taken.read_text().split() if self._taken.exists() else []

    def taken(self, count: int) -> list[str]:
        """The jobs that were taken, once there are `count` of them."""
        deadline = clock.monotonic() + _ENOUGH_SECONDS
        while True:
            found = self.so_far
            if len(found) >= count:
                return found
            assert clock.monotonic() < deadline, found
            assert self._process.poll() is None
            time.sleep(0.01)

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def go(self, *jobs: str) -> None:
        """Let these jobs end, or all of them from now on."""
        for name in jobs or ("go",):
            (self._folder / name).touch()

    def stop(self) -> None:
        self.go()
        self._process.terminate()
        self._process.wait(timeout=60)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_worker_takes_single_jobs_before_the_batch_that_came_first(
    own_valkey: str, tmp_path: Path, processes: int
) -> None:
    app = app_for(own_valkey, tmp_path)
    worker = Worker(own_valkey, tmp_path, processes)
    try:
        for number in range(6):
            send_job(app, job(number), Lane.BATCH)
        order = worker.taken(processes)
        assert len(order) == processes
        for number in (10, 11):
            send_job(app, job(number), Lane.INTERACTIVE)
        while len(order) < processes + 2:  # as many at a time as there are processes
            worker.go(*order)
            order = worker.taken(len(order) + processes)
        worker.go()
        order = worker.taken(8)
    finally:
        worker.stop()
    assert sorted(order[processes : processes + 2]) == [job(10), job(11)]
    assert sorted(order) == sorted([*(job(number) for number in range(6)), job(10), job(11)])


def test_a_worker_outlives_a_queue_that_dies_while_it_has_a_message_in_hand(
    valkey: OwnValkey, tmp_path: Path
) -> None:
    app = app_for(valkey.url, tmp_path)
    worker = Worker(valkey.url, tmp_path, 1, starting_seconds=6)
    try:
        send_job(app, job(0))
        with Redis.from_url(valkey.url) as connection:
            wait_until(lambda: connection.llen(app.conf.task_default_queue) == 0)
        valkey.kill()
        time.sleep(2)
        valkey.start()
        worker.go()
        wait_until(lambda: takes(worker, app, job(1)))  # what it had in hand may be lost
        assert worker.runs
    finally:
        worker.stop()


def takes(worker: Worker, app: Celery, job_id: str) -> bool:
    """Whether the worker has it; sent again and again, as admission does."""
    send_job(app, job_id)
    time.sleep(0.5)
    return job_id in worker.so_far


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = clock.monotonic() + _ENOUGH_SECONDS
    while not condition():
        assert clock.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def rabbitmq(tmp_path: Path) -> Iterator[Celery]:
    url = os.environ.get("TEST_RABBITMQ_URL", _USUAL_RABBITMQ)
    try:
        with Connection(url, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1)
    except (OperationalError, OSError):
        pytest.skip("no RabbitMQ: set TEST_RABBITMQ_URL, or run `docker run -p 5672:5672 rabbitmq`")
    app = app_for(url, tmp_path)
    app.conf.task_default_queue = f"backbone.test.{secrets.token_hex(6)}"
    yield app
    with app.connection_for_write() as connection:
        connection.default_channel.queue_delete(app.conf.task_default_queue)
    app.close()


def test_rabbitmq_hands_out_single_jobs_first(rabbitmq: Celery) -> None:
    for number, lane in enumerate((Lane.BATCH, Lane.BATCH, Lane.INTERACTIVE, Lane.INTERACTIVE)):
        send_job(rabbitmq, job(number), lane)
    order = []
    with rabbitmq.connection_for_read() as connection:
        queue = connection.SimpleQueue(rabbitmq.amqp.queues[rabbitmq.conf.task_default_queue])
        for _ in range(4):
            message = queue.get(timeout=60)
            message.ack()
            assert message.headers["task"] == RUN_JOB
            order.append(json.loads(message.body)[0][0])
        queue.close()
    assert order == [job(2), job(3), job(0), job(1)]
