"""Forged messages, on a real broker: nothing happens, and the worker does the next real job.

Whoever can write to the broker can also tell workers to stop; what they can't do is to run code.
"""

from __future__ import annotations

import base64
import json
import pickle
import secrets
import time
import zlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection
from pydantic import SecretStr
from redis import Redis

from backbone.background_stack import BackgroundStack
from backbone.client import Client
from common.errors import RequestError
from common.queue import ADMIT_JOBS, RUN_JOB, make_celery, send_job
from common.settings import Settings
from tests.chaos.test_rabbitmq import broker
from workers.messages import own_call

__all__ = ["broker"]

QUEUE = "backbone"
UNKNOWN = "job_01m84r2bpxptkgp46j6m66kp7n"
SMALL = {
    "project_name": "small",
    "db_type": "sqlite",
    "schema": [
        {
            "table_name": "things",
            "class_name": "Thing",
            "columns": [{"name": "id", "type": "Integer", "primary_key": True}],
        }
    ],
    "run": {"verify": "none"},
}
BOMB_BYTES = 200_000_000
ENOUGH_SECONDS = 60


class Touches:
    """What a worker would run if it read pickles."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (str(self._path), "w")


def message(body: object, *, task: object = RUN_JOB, **more: Any) -> dict[str, Any]:
    """A message as kombu keeps it in Redis; `headers` are added, other members replaced."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"lang": "py", "task": task, "id": UNKNOWN, "root_id": UNKNOWN, "retries": 0}
    made = {
        "body": base64.b64encode(raw).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": headers | more.pop("headers", {}),
        "properties": {
            "body_encoding": "base64",
            "delivery_tag": secrets.token_hex(8),
            "delivery_info": {"exchange": "", "routing_key": QUEUE},
            "delivery_mode": 2,
            "priority": 0,
        },
    }
    return made | more


def call(*arguments: object, **named: object) -> list[object]:
    return [list(arguments), named, {}]


class Platform:
    """The running platform, and the broker behind its back."""

    def __init__(self, stack: BackgroundStack, client: Client) -> None:
        self._stack = stack
        self._client = client
        self._worker = self._find_worker()

    @cached_property
    def redis(self) -> Redis:
        environment = Path(f"/proc/{self._worker}/environ").read_bytes().decode().split("\0")
        prefix = "CELERY_BROKER_URL="
        (url,) = [line.removeprefix(prefix) for line in environment if line.startswith(prefix)]
        return Redis.from_url(url)

    def _find_worker(self) -> int:
        for process in Path("/proc").iterdir():
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
                parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
            except (OSError, IndexError):
                continue
            if b"worker" in words and int(parent) == self._stack.process_id:
                return int(process.name)
        raise AssertionError("there is no worker")

    def forge(self, *forged: object) -> None:
        for one in forged:
            self.redis.lpush(QUEUE, one if isinstance(one, bytes) else json.dumps(one))

    def do(self) -> dict[str, Any]:
        """A real job, once it is done."""
        job_id = self._client.submit(json.dumps(SMALL).encode())["id"]
        deadline = time.monotonic() + ENOUGH_SECONDS
        while (job := self._client.job(job_id))["finished_at"] is None:
            assert time.monotonic() < deadline, job
            time.sleep(0.02)
        return job

    def assert_unharmed(self) -> None:
        """The same worker does real jobs, behind what was forged, at the first go."""
        for _ in range(3):  # more than it has processes
            job = self.do()
            assert job["status"] == "succeeded", job["error"]
            assert job["attempt_count"] == 1
        assert self._find_worker() == self._worker

    def job(self, job_id: str) -> dict[str, Any]:
        return self._client.job(job_id)

    def refused(self) -> int:
        """How often the worker said that a message was none of ours."""
        log = (self._stack.folder / "logs" / "worker.log").read_text(encoding="utf-8")
        return log.count("message.refused") + log.count("message.unreadable")

    def assert_refused(self, *forged: object) -> None:
        """Each of these is refused, and that is said."""
        before = self.refused()
        self.forge(*forged)
        self.assert_unharmed()
        deadline = time.monotonic() + ENOUGH_SECONDS
        while self.refused() < before + len(forged):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert self.refused() == before + len(forged)

    def memory(self) -> int:
        """The most that the worker ever had, in MB."""
        status = Path(f"/proc/{self._worker}/status").read_text(encoding="utf-8")
        (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) // 1024


@pytest.fixture(scope="module")
def platform(stack: BackgroundStack) -> Iterator[Platform]:
    with Client(stack.api_url, stack.api_key) as client:
        found = Platform(stack, client)
        yield found
        found.redis.close()


def test_a_job_that_never_was_is_not_run(platform: Platform) -> None:
    platform.assert_unharmed()
    platform.forge(*[message(call(UNKNOWN))] * 20)
    platform.assert_unharmed()
    with pytest.raises(RequestError, match="404"):
        platform.job(UNKNOWN)


def test_a_job_that_is_over_is_not_run_again(platform: Platform) -> None:
    job = platform.do()
    platform.forge(*[message(call(job["id"]), headers={"id": job["id"]})] * 20)
    platform.assert_unharmed()
    assert platform.job(job["id"]) == job


def test_a_pickle_is_not_read(platform: Platform, tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    pickled = pickle.dumps(Touches(touched))
    for kind in ("application/x-python-serialize", "pickle", "application/json"):
        for encoding in ("binary", "utf-8"):
            forged = {"content-type": kind, "content-encoding": encoding}
            platform.forge(message(pickled, **forged), message(call(UNKNOWN), **forged | {"x": 1}))
    platform.assert_unharmed()
    assert not touched.exists()


def test_yaml_and_other_kinds_of_content_are_not_read(platform: Platform, tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    yaml = f"!!python/object/apply:os.system ['touch {touched}']".encode()
    kinds = ("application/x-yaml", "yaml", "application/x-msgpack", "text/plain", "", None, {})
    encodings = ("utf-7", "utf-16", "rot13", "no-such-encoding", "", None, {}, 7)
    platform.assert_refused(
        *(message(yaml, **{"content-type": kind}) for kind in kinds),
        *(message(call(UNKNOWN), **{"content-type": kind}) for kind in kinds),
        *(message(call(UNKNOWN), **{"content-encoding": encoding}) for encoding in encodings),
    )
    assert not touched.exists()


def test_a_task_that_is_none_of_ours_is_not_run(platform: Platform) -> None:
    inner = {"task": ADMIT_JOBS, "args": [], "kwargs": {}, "options": {}}
    names = [
        "no.such.task",
        "os.system",
        "celery.backend_cleanup",
        "celery.accumulate",
        "celery.group",
        "celery.chord",
        "",
        None,
        7,
        ["job.run"],
        {"a": 1},
        "x" * 100_000,
    ]
    platform.assert_refused(
        *(message(call(UNKNOWN), task=name) for name in names),
        message([[], {"task": inner, "it": [[]]}, {}], task="celery.map"),
        message([["group", inner], {"result": []}, {}], task="celery.chord_unlock"),
    )


def test_arguments_that_are_none_of_ours_are_refused(platform: Platform) -> None:
    wrong: list[object] = [
        call(),
        call({"id": UNKNOWN}),
        call([UNKNOWN]),
        call("../../../etc/passwd"),
        call("/etc/passwd"),
        call(UNKNOWN.upper()),
        call(f"{UNKNOWN}\n"),
        call(UNKNOWN, UNKNOWN),
        call(7),
        call(None),
        call(UNKNOWN, folder="/etc"),
        call("x" * 10_000_000),
        [[UNKNOWN], [], {}],
        [[UNKNOWN]],
        {"args": [UNKNOWN]},
        {"args": [UNKNOWN], "kwargs": {}, "task": RUN_JOB, "id": UNKNOWN},
        "nonsense",
        7,
        None,
        b"",
        b"\xff\xfe",
        b"[" * 4_000,
        b"[" * 100_000,
        json.dumps(call(UNKNOWN)).encode() + b" " * 10_000,
        b"[[" + b"9" * 5000 + b"],{},{}]",
        b'[[{"__type__": "no-such-type", "__value__": 1}], {}, {}]',
        b'[[{"__type__": {"a": 1}, "__value__": 1}], {}, {}]',
    ]
    platform.assert_refused(*map(message, wrong), message(call("surprise"), task=ADMIT_JOBS))


def test_callbacks_chains_and_chords_that_name_other_tasks_are_not_sent(
    platform: Platform,
) -> None:
    witness = f"witness-{secrets.token_hex(4)}"  # a queue that nobody reads
    other = {
        "task": ADMIT_JOBS,
        "args": [],
        "kwargs": {},
        "options": {"queue": witness, "task_id": "x"},
        "subtask_type": None,
        "immutable": True,
    }
    for name in ("callbacks", "errbacks", "chain", "chord"):
        linked = other if name == "chord" else [other]
        platform.forge(
            message([[UNKNOWN], {}, {name: linked}]),
            message([[], {}, {name: linked}], task=ADMIT_JOBS),
            message(call(UNKNOWN), headers={name: linked, "group": "g", "reply_to": witness}),
            message([["no job"], {}, {name: linked}]),
        )
    platform.assert_unharmed()
    assert platform.redis.keys("*witness*") == []
    assert platform.redis.keys("celery-task-meta*") == []


def test_odd_headers_and_properties_end_no_worker(platform: Platform) -> None:
    odd: list[object] = [None, 7, -1, 10**400, True, "x", "x" * 10_000, [], [[]], {}, {"a": {}}]
    headers = (
        *("id", "eta", "expires", "timelimit", "retries", "root_id", "parent_id", "argsrepr"),
        *("shadow", "group", "chord", "stamps", "stamped_headers", "origin", "compression"),
    )
    for value in odd:
        for name in headers:
            forged = {"headers": {name: value}}
            platform.forge(message(call(UNKNOWN), **forged))
            platform.forge(message(call(), task=ADMIT_JOBS, **forged))
        platform.forge(message(call(UNKNOWN), properties=value))
        whole = message(call(UNKNOWN))
        whole["headers"] = value
        platform.forge(whole)
        for name in ("delivery_tag", "delivery_info", "body_encoding", "priority"):
            whole = message(call(UNKNOWN))
            whole["properties"] |= {name: value}
            platform.forge(whole)
    platform.assert_unharmed()


def test_a_time_limit_of_a_message_stops_no_job(platform: Platform) -> None:
    limited = {"timelimit": [0.000001, 0.000001], "eta": "2999-01-01T00:00:00+00:00"}
    platform.forge(*[message(call(UNKNOWN), headers=limited)] * 5)
    platform.assert_unharmed()


def test_what_is_no_message_at_all_ends_no_worker(platform: Platform) -> None:
    raw = [b"", b"nonsense", b"\xff\0", b"null", b"7", b"[]", b"{}", b'{"properties": {}}']
    platform.assert_refused(*raw, b"[" * 100_000)
    database = platform.redis.connection_pool.connection_kwargs["db"]
    for one in raw:  # where workers are told things
        platform.redis.publish(f"/{database}.celery.pidbox", one)
    platform.assert_unharmed()


def test_nothing_that_is_packed_is_unpacked(platform: Platform) -> None:
    bomb = zlib.compress(b"0" * BOMB_BYTES)
    before = platform.memory()
    for kind in ("zlib", "gzip", "application/x-gzip", "bzip2", "lzma", "xz", "brotli", "zstd"):
        platform.forge(message(bomb, headers={"compression": kind}))
    platform.assert_unharmed()
    assert platform.memory() - before < BOMB_BYTES / 2_000_000


# Of our own messages


def received(url: str, folder: Path, *, forged: dict[str, Any] | None = None) -> Any:
    """A message of ours as it comes from the broker; with headers that were never in it."""
    app = make_celery(Settings(celery_broker_url=SecretStr(url), data_dir=folder))
    app.conf.task_default_queue = f"backbone-test-{secrets.token_hex(4)}"
    send_job(app, UNKNOWN)
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue(app.amqp.queues[app.conf.task_default_queue])
        found = queue.get(timeout=60)
        found.ack()
        queue.close()
    app.close()
    found.headers |= forged or {}
    return found


def test_of_a_message_its_task_and_its_job_are_taken_over_and_nothing_else(
    valkey_url: str, tmp_path: Path
) -> None:
    plain = own_call(received(valkey_url, tmp_path))
    assert plain is not None
    headers, body = plain
    assert (headers["task"], headers["id"]) == (RUN_JOB, UNKNOWN)
    assert json.loads(body) == [[UNKNOWN], {}, {}]
    twisted = {
        "id": "another id than the job's",
        "argsrepr": "<script>alert(1)</script>",
        "timelimit": [0.1, 0.1],
        "eta": "2999-01-01T00:00:00+00:00",
        "chord": {"task": "x"},
        "shadow": "a name that Flower shows",
        "expires": "2020-01-01T00:00:00+00:00",  # its id would be refused from then on
        "origin": "somebody else",
    }
    assert own_call(received(valkey_url, tmp_path, forged=twisted)) == plain


@pytest.mark.long
def test_forged_messages_end_no_worker_on_rabbitmq_either(broker: str, tmp_path: Path) -> None:
    with (
        BackgroundStack(tmp_path / "data", {"CELERY_BROKER_URL": broker}) as stack,
        Client(stack.api_url, stack.api_key) as client,
        Connection(broker) as connection,
    ):
        platform = Platform(stack, client)
        touched = tmp_path / "touched"
        producer = connection.Producer()

        def forge(body: bytes, kind: str = "application/json", **headers: Any) -> None:
            producer.publish(
                body,
                routing_key="backbone.lanes",
                content_type=kind,
                content_encoding="utf-8",
                headers={"lang": "py", "task": RUN_JOB, "id": UNKNOWN} | headers,
            )

        good = json.dumps(call(UNKNOWN)).encode()
        for task in ("no.such.task", "celery.map", ["x"], {"a": 1}, 7):
            forge(good, task=task)
        for body in (b"", b"\xff", b"[" * 4_000, b"null", b"[[{}], {}, {}]", b"x" * 10_000_000):
            forge(body)
        for name in ("id", "eta", "expires", "timelimit", "retries", "root_id", "compression"):
            for value in (None, 7, "x", [1], {"a": 1}):
                forge(good, **{name: value})
        forge(zlib.compress(b"0" * BOMB_BYTES), compression="zlib")
        forge(pickle.dumps(Touches(touched)), "application/x-python-serialize")
        platform.assert_unharmed()
        assert not touched.exists()
