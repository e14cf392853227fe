"""RabbitMQ as the broker: jobs go through it, and none is lost with a worker."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection
from kombu.exceptions import OperationalError

from backbone.client import Client
from tests.chaos import ledger
from tests.chaos.documents import body_of, small_document
from tests.chaos.processes import signal_all
from tests.chaos.rig import Rig, embedded

_USUAL_RABBITMQ = "amqp://guest:guest@127.0.0.1:5672//"
_MISSING = "no RabbitMQ: set TEST_RABBITMQ_URL, or run `docker run -p 5672:5672 rabbitmq`"
_FOREIGN = (
    "no virtual host of the test's own (`rabbitmqctl add_vhost` says no): set TEST_RABBITMQ_URL "
    "to one that nothing else uses"
)


@pytest.fixture
def broker() -> Iterator[str]:
    """A virtual host that nobody else uses: the one that is named, or one made for this test."""
    named = os.environ.get("TEST_RABBITMQ_URL")
    try:
        with Connection(named or _USUAL_RABBITMQ, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1)
    except (OperationalError, OSError):
        pytest.skip(_MISSING)
    if named is not None:
        yield named
        return
    name = f"backbone_test_{secrets.token_hex(4)}"
    if not rabbitmqctl("add_vhost", name):
        pytest.skip(_FOREIGN)
    try:
        rabbitmqctl("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
        yield f"{_USUAL_RABBITMQ.removesuffix('/')}{name}"
    finally:
        rabbitmqctl("delete_vhost", name)


def rabbitmqctl(*arguments: str) -> bool:
    try:
        done = subprocess.run(
            ["rabbitmqctl", *arguments], capture_output=True, timeout=60, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def test_jobs_run_and_outlive_a_worker(tmp_path: Path, broker: str) -> None:
    with (
        embedded(tmp_path) as stores,
        Rig(tmp_path, stores, CELERY_BROKER_URL=broker) as rig,
        Client(rig.url, rig.key("alice")) as client,
    ):
        first = client.submit(body_of(small_document(0)))["id"]
        *_, job = client.watch(first)
        assert (job["status"], job["attempt_count"]) == ("succeeded", 1)
        ids = [client.submit(body_of(small_document(n, "fast")))["id"] for n in range(1, 6)]
        signal_all(rig.processes.program("worker"), signal.SIGKILL)
        ledger.wait_until_over(rig, 200)
        assert {client.job(job_id)["status"] for job_id in ids} == {"succeeded"}
        assert all(client.artifact(job_id) for job_id in ids)
