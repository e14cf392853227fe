"""Nothing that a caller controls begins a log line, forges a member, or shows a secret."""

from __future__ import annotations

import io
import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from kombu import Connection, Exchange, Queue
from pydantic import SecretStr

from api.addresses import Origin
from api.exchange import start_exchange
from api.failures import Failures
from common.keys.key import new_secret
from common.secrets_in_text import Redactor, secrets_of
from common.settings import Settings, environment_without_settings
from common.telemetry import KeyValueFormatter
from tests.contract.conftest import NOTES

FORGED = "2026-11-26T10:00:00.000Z WARNING backbone.security event=key.revoked address=192.0.2.1"
SEPARATORS = {
    "line feed": "\n",
    "carriage return": "\r",
    "both": "\r\n",
    "vertical tab": "\v",
    "form feed": "\f",
    "file separator": "\x1c",
    "next line": "\x85",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "null": "\0",
    "backspace": "\b",
    "escape": "\x1b[2K\x1b[1A",
    "control sequence": "\x9b2J",
    "right to left override": "\u202e",
    "isolate": "\u2066",
    "zero width": "\u200b",
    "lone surrogate": "\ud800",
    "tag": "\U000e0041",
}
HOSTILE = [f"a{separator}{FORGED}" for separator in SEPARATORS.values()]
HOSTILE += ['" event=key.revoked x="', "a event=key.revoked", "\\", '\\" event=key.revoked', "="]

_VALUE = r'(?:"(?:[^"\\]|\\.)*"|[^\s"=]+)'
LINE = re.compile(
    rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z [A-Z]+ [\w.]+ event={_VALUE}(?: \w+={_VALUE})*"
)


class Log:
    """What a process would write, taken apart again."""

    def __init__(self, redactor: Redactor | None = None) -> None:
        self.written = io.StringIO()
        self.handler = logging.StreamHandler(self.written)
        self.handler.setFormatter(KeyValueFormatter(redactor))

    def write(self, message: str, *arguments: object, exc_info: Any = None, **more: object) -> None:
        record = logging.LogRecord("test", logging.ERROR, __file__, 1, message, arguments, exc_info)
        vars(record).update(more)
        self.handler.handle(record)

    @property
    def text(self) -> str:
        return self.written.getvalue()

    def entries(self) -> list[str]:
        """One for each line that was logged; every other line must be marked as continued."""
        assert "".join(sorted(set(self.text) - {"\n"})).isprintable()
        lines = self.text.split("\n")
        assert lines.pop() == ""
        entries = [line for line in lines if not line.startswith("  | ")]
        for entry in entries:
            assert LINE.fullmatch(entry), entry
        return entries

    def events(self) -> set[str]:
        return {entry.split(" event=")[1].split(" ")[0] for entry in self.entries()}


@pytest.fixture
def log() -> Iterator[Log]:
    log = Log()
    logging.getLogger().addHandler(log.handler)
    yield log
    logging.getLogger().removeHandler(log.handler)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_member_stays_one_member_and_can_be_read_back(text: str) -> None:
    log = Log()
    log.write("job.sent", project_name=text, last="1")
    (entry,) = log.entries()
    head, value = re.fullmatch(rf"(.*) project_name=({_VALUE}) last=1", entry).groups()
    assert head.endswith(" test event=job.sent")
    assert (json.loads(value) if value.startswith('"') else value) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_what_other_libraries_say_stays_one_line(text: str) -> None:
    log = Log()
    log.write("Received unregistered task of type %s.", text)
    (entry,) = log.entries()
    assert " event=key.revoked" not in re.sub(r'"(?:[^"\\]|\\.)*"', "", entry)


@pytest.mark.parametrize("text", HOSTILE)
def test_lines_of_an_exception_are_marked_as_its_own(text: str) -> None:
    log = Log()
    cause, error = ValueError(text), RuntimeError(text)
    cause.add_note(text)
    error.__cause__ = cause
    log.write("request.failed", exc_info=(type(error), error, None))
    (entry,) = log.entries()
    assert entry.endswith("event=request.failed")


def test_a_huge_member_is_cut() -> None:
    log = Log()
    log.write("x", reason="y" * 1_000_000)
    assert len(log.entries()[0]) < 5000


async def test_a_bug_whose_text_was_sent_stays_one_entry(log: Log) -> None:
    async def broken(*_: object) -> None:
        raise KeyError(f"\n{FORGED}\r{FORGED}\u2028{FORGED}")

    async def send(_message: object) -> None:
        pass

    scope = {"type": "http", "path": "/", "headers": []}
    start_exchange(scope, Origin("203.0.113.7", secure=False, refused=False, local=False))
    await Failures(broken)(scope, send, send)
    (entry,) = log.entries()
    assert "event=request.failed request_id=req_" in entry


@pytest.mark.parametrize("header", ["X-Request-ID", "X-API-Key", "User-Agent", "Idempotency-Key"])
async def test_headers_forge_nothing(api, log, header) -> None:
    for text in HOSTILE:
        value = text.encode("utf-8", "surrogatepass")
        headers = {"X-API-Key": "wrong"} | {header: value, "X-Forwarded-For": value}
        await api.client.post("/api/v1/generate", content=b"{}", headers=headers)
    assert log.entries()
    assert log.events() <= {"login.failed", "limit.hit"}


async def test_paths_and_parameters_forge_nothing(api, log) -> None:
    for text in HOSTILE:
        sent = quote(text.encode("utf-8", "surrogatepass"), safe="")
        await api.client.get(f"/api/v1/jobs?status={sent}&cursor={sent}")
        await api.client.get(f"/api/v1/jobs/{sent}")
    assert log.events() <= {"login.failed", "limit.hit"}


async def test_documents_and_batches_forge_nothing(api, log) -> None:
    logging.getLogger("backbone").setLevel(logging.DEBUG)
    try:
        for text in HOSTILE:
            for body in (NOTES | {"project_name": text}, NOTES | {text: "drop table"}):
                sent = json.dumps(body)
                await api.post("/api/v1/validate", content=sent)
                line = json.dumps({"custom_id": text, "body": body})
                await api.submit_batch(line.encode())
    finally:
        logging.getLogger("backbone").setLevel(logging.NOTSET)
    assert "pattern.refused" in log.events()
    assert log.events() <= {"pattern.refused", "limit.hit", "job.sent", "request.answered"}


def test_a_worker_repeats_nothing_of_a_forged_message(tmp_path: Path, valkey_url: str) -> None:
    forged = f"no.such.task\n{FORGED}\u2028{FORGED}"
    broker = f"{valkey_url.rsplit('/', 1)[0]}/7"
    with Connection(broker) as connection, connection.channel() as channel:
        queue = Queue("backbone", Exchange("backbone", "direct"), routing_key="backbone")
        connection.Producer(channel).publish(
            [[], {}, {}],
            serializer="json",
            exchange=queue.exchange,
            routing_key=queue.routing_key,
            headers={"task": forged, "id": forged, "lang": "py", "root_id": forged},
            declare=[queue],
        )
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "workers.app", "worker"]
    worker = subprocess.Popen(
        [*command, "--pool=solo", "--without-gossip", "--without-mingle"],
        cwd=tmp_path,
        env=environment_without_settings()
        | {
            "DATA_DIR": str(tmp_path / "data"),
            "CELERY_BROKER_URL": broker,
            "PYTHONWARNINGS": "ignore",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        assert worker.stderr is not None
        said = ""
        while "message.refused" not in said:
            said = worker.stderr.readline()
            assert "no.such.task" not in said
            assert said, "the worker ended"
            assert LINE.fullmatch(said.rstrip("\n")) or said.startswith("  | "), said
    finally:
        worker.kill()
        worker.communicate()


PASSWORD = "p@ss/word-of-the-database"
OWN_KEY = new_secret()
OWN_TOKEN = f"eyJ{'h' * 10}.eyJ{'c' * 10}.{'s' * 43}"
SETTINGS = Settings(
    _env_file=None,
    api_key=SecretStr("the-key-that-must-not-be-logged-anywhere"),
    jwt_secret_key=SecretStr("the-secret-that-must-not-be-logged-at-all"),
    database_url=SecretStr("postgresql+psycopg://me:p%40ss%2Fword-of-the-database@db:5432/x"),
    redis_url=SecretStr("redis://:the-word-of-redis@redis:6379/0"),
    celery_broker_url=SecretStr("amqp://me:the-word-of-rabbitmq@rabbit:5672//"),
)


@pytest.mark.parametrize(
    "text",
    [
        "redis://:the-word-of-redis@redis:6379/0 does not answer",
        "could not connect as me:the-word-of-rabbitmq",
        f"connection failed: password={PASSWORD} host=db",
        "postgresql+psycopg://me:p%40ss%2Fword-of-the-database@db:5432/x",
        "the key was 'the-key-that-must-not-be-logged-anywhere'",
        "signed with the-secret-that-must-not-be-logged-at-all",
        "mysql://root:s3cret-of-somebody-else@127.0.0.1/mysql",
        "https://host/?token=s3cret-of-somebody-else&x=1",
        "headers: Authorization: Bearer s3cret-of-somebody-else",
        "https://host/?x_api_key=s3cret-of-somebody-else&x=1",
        "https://host/?access_token=s3cret-of-somebody-else&x=1",
        "X-API-Key='s3cret-of-somebody-else'",
        '{"api_key": "s3cret-of-somebody-else", "x": 1}',
        "{'access_token': 's3cret-of-somebody-else'}",
        r'"{\"api_key\": \"s3cret-of-somebody-else\"}"',
        r'"{\\\"password\\\" : \\\"s3cret-of-somebody-else\\\"}"',
        "nobody has the key <key>",
        "unreadable:\n<token>, it seems",
    ],
)
def test_a_secret_in_a_member_or_a_traceback_is_covered(text: str) -> None:
    log = Log(Redactor(secrets_of(SETTINGS)))
    # Not in the parameter: that is the test's name, which is told to everybody.
    error = OSError(text.replace("<key>", OWN_KEY).replace("<token>", OWN_TOKEN))
    log.write("database.lost", exc_info=(OSError, error, None), reason=error)
    for secret in (*secrets_of(SETTINGS), "s3cret-of-somebody-else", OWN_KEY, OWN_TOKEN):
        assert secret not in log.text
    assert log.text.count("***") >= 2
    log.entries()


def test_every_secret_of_the_settings_is_known() -> None:
    found = set(secrets_of(SETTINGS))
    assert {SETTINGS.api_key.get_secret_value(), PASSWORD, "the-word-of-redis"} <= found


def test_a_short_or_common_word_covers_nothing() -> None:
    redact = Redactor(["guest", ""])
    for text in (
        "event of guest in /guest: nothing",
        "unexpected token: guest",
        '{"tokens": 7, "max_tokens": "9"}',
        f"bb_short and {OWN_KEY}longer, eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.short",
    ):
        assert redact(text) == text


def test_what_looks_like_tokens_all_over_is_read_in_one_go() -> None:
    text = "eyJ" * 1_000_000  # takes minutes, if each of them is followed to the end
    assert Redactor()(text) == text


def test_what_ends_a_process_is_logged_like_all_else() -> None:
    program = (
        "from common.telemetry import set_up_logging\n"
        "from common.secrets_in_text import Redactor\n"
        "import threading, warnings\n"
        "set_up_logging('INFO', Redactor())\n"
        "warnings.warn('a\\nb', stacklevel=1)\n"
        "def fail(): raise ValueError('x\\n2026 forged redis://:word@host/0')\n"
        "thread = threading.Thread(target=fail); thread.start(); thread.join()\n"
        "fail()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "word" not in ended.stderr
    entries = [line for line in ended.stderr.splitlines() if not line.startswith("  | ")]
    assert all(LINE.fullmatch(entry) for entry in entries)
    assert [re.search(r"event=(\S+)", entry)[1] for entry in entries[1:]] == [
        "thread.crashed",
        "process.crashed",
    ]
