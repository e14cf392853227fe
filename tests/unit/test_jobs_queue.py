"""Messages: what is sent, what happens without a broker, and what forged ones do."""

from __future__ import annotations

import json
import logging
import secrets
import socket
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from pydantic import SecretStr

from common.errors import TransientError
from common.queue import ADMIT_JOBS, EXPIRE_JOBS, RUN_JOB, make_celery, send_job
from common.settings import Settings
from tests.silent_server import SilentServer
from workers.tasks import add_tasks

JOB = "job_01m84r2bpxptkgp46j6m66kp7n"


def celery_for(url: str, folder: Path) -> Celery:
    return make_celery(Settings(celery_broker_url=SecretStr(url), data_dir=folder))


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class RecordingWorker:
    def __init__(self, error: Exception | None = None) -> None:
        self.calls: list[tuple[str, ...]] = []
        self._error = error

    def _note(self, *call: str) -> None:
        self.calls.append(call)
        if self._error is not None:
            raise self._error

    def run(self, job_id: str) -> None:
        self._note("run", job_id)

    def admit(self) -> None:
        self._note("admit")

    def admit_next(self) -> None:
        self._note("admit_next")

    def expire(self) -> None:
        self._note("expire")


class TestSending:
    def test_a_message_is_the_job_s_id_and_nothing_else(
        self, valkey_url: str, tmp_path: Path
    ) -> None:
        app = celery_for(valkey_url, tmp_path)
        app.conf.task_default_queue = f"backbone-test-{secrets.token_hex(4)}"  # ours alone
        send_job(app, JOB)
        with app.connection_for_read() as connection:
            queue = connection.SimpleQueue(app.amqp.queues[app.conf.task_default_queue])
            message = queue.get(timeout=60)
            message.ack()
            queue.close()
        assert message.content_type == "application/json"
        assert message.headers["id"] == JOB
        assert message.headers["task"] == RUN_JOB
        arguments, named, _ = json.loads(message.body)
        assert (arguments, named) == ([JOB], {})

    def test_without_a_broker_is_a_transient_error_soon(
        self, closed_port: int, tmp_path: Path
    ) -> None:
        app = celery_for(f"redis://127.0.0.1:{closed_port}/0", tmp_path)
        with pytest.raises(TransientError) as raised:
            send_job(app, JOB)
        assert raised.value.code == "queue_unavailable"

    def test_with_a_broker_that_says_nothing_is_one_too(self, tmp_path: Path) -> None:
        """After one try, in which nothing is waited for longer than is configured."""
        with SilentServer() as server:
            app = celery_for(f"redis://127.0.0.1:{server.port}/0", tmp_path)
            with pytest.raises(TransientError):
                send_job(app, JOB)
            assert server.count == 1

    def test_needs_a_broker(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="CELERY_BROKER_URL or REDIS_URL"):
            make_celery(Settings(data_dir=tmp_path))


class TestConfiguration:
    @pytest.fixture
    def app(self, tmp_path: Path) -> Celery:
        return celery_for("redis://127.0.0.1:1/0", tmp_path)

    def test_reads_json_alone_and_answers_nothing(self, app: Celery) -> None:
        assert app.conf.accept_content == ["json"]
        assert app.conf.task_ignore_result
        assert app.conf.result_backend is None

    def test_bounds_every_wait(self, app: Celery) -> None:
        assert app.conf.broker_pool_acquire_timeout
        assert app.conf.broker_connection_timeout
        assert app.conf.broker_transport_options["socket_timeout"]
        assert app.conf.broker_transport_options["socket_connect_timeout"]

    def test_takes_one_message_at_a_time_and_at_once(self, app: Celery) -> None:
        assert app.conf.worker_prefetch_multiplier == 1
        assert not app.conf.task_acks_late

    def test_leaves_the_log_alone(self, app: Celery) -> None:
        assert not app.conf.worker_hijack_root_logger

    def test_beat_s_messages_do_not_pile_up(self, app: Celery) -> None:
        schedule = app.conf.beat_schedule
        assert set(schedule) == {ADMIT_JOBS, EXPIRE_JOBS}
        assert schedule[ADMIT_JOBS]["schedule"] == 2
        assert schedule[EXPIRE_JOBS]["schedule"] == 60
        assert all(entry["options"]["expires"] <= 60 for entry in schedule.values())


class TestTasks:
    @pytest.fixture
    def worker(self) -> RecordingWorker:
        return RecordingWorker()

    @pytest.fixture
    def app(self, worker: RecordingWorker, tmp_path: Path) -> Celery:
        app = celery_for("redis://127.0.0.1:1/0", tmp_path)
        add_tasks(app, lambda: worker)
        return app

    def test_run_the_job_and_then_admit(self, app: Celery, worker: RecordingWorker) -> None:
        app.tasks[RUN_JOB](JOB)
        assert worker.calls == [("run", JOB), ("admit_next",)]

    @pytest.mark.parametrize(
        "arguments",
        [(), ("",), (None,), (7,), ({"id": JOB},), ([JOB],), (JOB + "x",), ("../../etc",), (True,)],
        ids=str,
    )
    def test_ignore_what_is_no_job(
        self, app: Celery, worker: RecordingWorker, arguments: tuple[Any, ...]
    ) -> None:
        app.tasks[RUN_JOB](*arguments, surprise=1)
        assert worker.calls == []

    def test_admit_and_expire(self, app: Celery, worker: RecordingWorker) -> None:
        app.tasks[ADMIT_JOBS]("surprise", more=1)
        app.tasks[EXPIRE_JOBS]()
        assert worker.calls == [("admit",), ("expire",)]

    def test_leave_a_fault_of_the_world_to_the_next_round(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        worker = RecordingWorker(TransientError("database_unavailable", "away"))
        app = celery_for("redis://127.0.0.1:1/0", tmp_path)
        add_tasks(app, lambda: worker)
        with caplog.at_level(logging.WARNING):
            for task in (RUN_JOB, ADMIT_JOBS, EXPIRE_JOBS):
                app.tasks[task](JOB)
        assert worker.calls == [("run", JOB), ("admit_next",), ("admit",), ("expire",)]
        assert caplog.text.count("task.hindered") == 4

    def test_flower_is_told_of_jobs_alone(self, app: Celery) -> None:
        told = {name: app.tasks[name].send_events for name in (RUN_JOB, ADMIT_JOBS, EXPIRE_JOBS)}
        assert told == {RUN_JOB: True, ADMIT_JOBS: False, EXPIRE_JOBS: False}
