"""What should be noticed is: one line each, a count of all, nothing of what was sent."""

from __future__ import annotations

import ast
import io
import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from api.event_metrics import EventCollector
from api.metrics import JobCounts, Metrics
from common.log_floods import LINES_PER_SECOND, FloodLimit
from common.security_events import SecurityEvent
from common.telemetry import KeyValueFormatter
from tests.contract.conftest import NOTES, MountedApi

ATTACK = "x'); DROP  TABLE secrets; -- of the caller's own"
BAD_KEY = {"X-API-Key": "bb_not-a-key-that-anybody-ever-made-here-0123"}


class Lines:
    """The security lines that were logged, and the counts that /metrics shows."""

    def __init__(self, caplog: pytest.LogCaptureFixture, api: MountedApi) -> None:
        self._caplog = caplog
        self._api = api

    def members(self, event: SecurityEvent) -> list[dict[str, Any]]:
        return [
            vars(record)
            for record in self._caplog.records
            if record.name == "backbone.security" and record.msg == event.value
        ]

    async def count(self, event: SecurityEvent) -> float:
        text = (await self._api.client.get("/metrics")).text
        name = f'backbone_security_events_total{{event="{event.value}"}} '
        (line,) = [line for line in text.splitlines() if line.startswith(name)]
        return float(line.removeprefix(name))

    async def shown(self, metric: str) -> dict[str, str]:
        text = (await self._api.client.get("/metrics")).text
        return dict(re.findall(rf'^{metric}{{event="(.*)"}} (.*)$', text, re.MULTILINE))


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture, api: MountedApi) -> Lines:
    return Lines(caplog, api)


def document(**more: Any) -> dict[str, Any]:
    return NOTES | more


async def test_every_event_is_shown_from_the_start_where_it_can_be(lines: Lines) -> None:
    seen = await lines.shown("backbone_security_events_total")
    recorded = await lines.shown("backbone_security_events_recorded_total")
    assert recorded.keys() == {
        "key.made",
        "key.rotated",
        "key.revoked",
        "token.revoked",
        "sandbox.violation",
    }
    assert seen.keys() | recorded.keys() == {event.value for event in SecurityEvent}
    assert seen.keys() & recorded.keys() == {"token.revoked"}
    assert set(seen.values()) == {"0.0"}


def test_an_event_that_was_not_expected_is_shown_all_the_same() -> None:
    events = EventCollector(lambda: {"limit.hit": 2})
    events.count(SecurityEvent.KEY_MADE)
    seen, recorded = events.collect()
    assert ({"event": "key.made"}, 1) in [each[1:3] for each in seen.samples]
    assert ({"event": "limit.hit"}, 2) in [each[1:3] for each in recorded.samples]


async def test_a_bad_credential_is_noticed_without_the_credential(lines, api, caplog) -> None:
    await api.get("/api/v1/jobs", headers=BAD_KEY)
    (line,) = lines.members(SecurityEvent.LOGIN_FAILED)
    assert line["address"] == "203.0.113.7"
    assert line["request_id"].startswith("req_")
    assert "bb_not" not in "".join(str(vars(record)) for record in caplog.records)
    assert await lines.count(SecurityEvent.LOGIN_FAILED) == 1


async def test_a_missing_scope_is_noticed_with_caller_and_key(lines, api) -> None:
    key = api.key("jobs:read", caller="carol")
    await api.post("/api/v1/generate", NOTES, headers=key)
    (line,) = lines.members(SecurityEvent.SCOPE_REFUSED)
    (stored,) = api.keys.list_keys(api.callers.find("carol"))
    assert (line["caller_id"], line["key_id"]) == (stored.caller.id, stored.id)


async def test_a_token_with_wider_scopes_than_the_key_is_noticed(lines, api) -> None:
    await api.post("/api/v1/auth/token", {"scopes": ["admin"]}, headers=api.key("validate"))
    assert await lines.count(SecurityEvent.SCOPE_REFUSED) == 1


async def test_a_limit_is_noticed_by_rate_and_by_lines_of_batches(start_api, caplog) -> None:
    api = await start_api(rate_limit_validation="1/minute", max_batch_lines_per_hour=1)
    lines = Lines(caplog, api)
    for _ in range(2):
        await api.post("/api/v1/validate", NOTES)
    assert await lines.count(SecurityEvent.LIMIT_HIT) == 1
    await api.submit_batch([document(), document(project_name="other")])
    assert await lines.count(SecurityEvent.LIMIT_HIT) == 2


@pytest.mark.parametrize("path", ["generate", "validate"])
async def test_a_pattern_is_noticed_with_its_place_and_without_its_text(
    lines, api, caplog, path
) -> None:
    await api.post(f"/api/v1/{path}", document(description=ATTACK))
    (line,) = lines.members(SecurityEvent.PATTERN_REFUSED)
    assert line["pointer"] == "/description"
    assert line["caller_id"] == "default"
    assert "secrets" not in "".join(str(vars(record)) for record in caplog.records)


async def test_a_pattern_in_a_name_is_not_repeated_by_its_pointer(lines, api) -> None:
    await api.post("/api/v1/validate", document(options={"exec( everything": 1}))
    (line,) = lines.members(SecurityEvent.PATTERN_REFUSED)
    assert line["pointer"] == "/options/*"


async def test_a_pattern_beside_a_prompt_is_noticed(lines, api) -> None:
    body = {"prompt": "Add a table.", "document": document(description=ATTACK)}
    await api.post("/api/v1/design", body)
    (line,) = lines.members(SecurityEvent.PATTERN_REFUSED)
    assert line["pointer"] == "/document/description"


async def test_a_pattern_in_a_line_of_a_batch_is_noticed(lines, api) -> None:
    bad = document(description=ATTACK)
    await api.submit_batch([document(), bad, document(project_name="third")])
    (line,) = lines.members(SecurityEvent.PATTERN_REFUSED)
    assert (line["line"], line["pointer"]) == (2, "/body/description")


async def test_a_pattern_in_a_batch_as_a_list_is_noticed(lines, api) -> None:
    batch = [{"custom_id": "a", "body": document(description=ATTACK)}]
    await api.post(
        "/api/v1/batches", batch, headers=api.good | {"Content-Type": "application/json"}
    )
    assert await lines.count(SecurityEvent.PATTERN_REFUSED) == 1


async def test_too_large_is_noticed_as_declared_and_as_it_comes_in(start_api, caplog) -> None:
    api = await start_api(max_json_size=1000, max_request_size=2000)
    lines = Lines(caplog, api)

    async def unsized() -> Any:
        for _ in range(30):
            yield b" " * 100

    assert (await api.post("/api/v1/validate", content=b" " * 1001)).status_code == 413
    assert (await api.post("/api/v1/validate", content=unsized())).status_code == 413
    assert (await api.submit_batch(b" " * 2001)).status_code == 413
    assert len(lines.members(SecurityEvent.REQUEST_TOO_LARGE)) == 3
    assert await lines.count(SecurityEvent.REQUEST_TOO_LARGE) == 3


def test_every_event_is_emitted_somewhere(root: Path) -> None:
    named = set()
    for room in ("api", "workers", "common", "backbone"):
        for path in (root / room).rglob("*.py"):
            if path.name in {"security_events.py", "log_floods.py"}:  # they tell of none
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                match node:
                    case ast.Attribute(value=ast.Name(id="SecurityEvent"), attr=name):
                        named.add(name)
    assert named == set(SecurityEvent.__members__)


class Flood:
    """A log on a clock of its own, as the processes set theirs up."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.written = io.StringIO()
        self._handler = logging.StreamHandler(self.written)
        self._handler.setFormatter(KeyValueFormatter())
        self._handler.addFilter(FloodLimit(lambda: self.now))

    def send(self, event: str, address: str | None, *, logger: str = "backbone.security") -> None:
        record = logging.LogRecord(logger, logging.WARNING, __file__, 1, event, (), None)
        record.address = address
        self._handler.handle(record)

    @property
    def lines(self) -> list[str]:
        return self.written.getvalue().splitlines()


def test_a_flood_writes_one_line_a_second_for_an_address_and_says_how_many_it_left_out() -> None:
    flood = Flood()
    for _ in range(1000):
        flood.send("login.failed", "203.0.113.7")
    flood.send("login.failed", "203.0.113.8")
    flood.send("scope.refused", "203.0.113.7")
    flood.now += 1
    flood.send("login.failed", "203.0.113.7")
    told = [line.split("event=")[1] for line in flood.lines]
    assert told == [
        "login.failed address=203.0.113.7",
        "login.failed address=203.0.113.8 suppressed=999",
        "scope.refused address=203.0.113.7",
        "login.failed address=203.0.113.7",
    ]


def test_a_flood_from_many_addresses_is_bounded_too() -> None:
    flood = Flood()
    for number in range(5000):
        flood.send("login.failed", f"198.51.{number // 256}.{number % 256}")
    for _ in range(30):
        flood.send("request.unable", None, logger="backbone.http")
    assert len(flood.lines) == 2 * LINES_PER_SECOND


@pytest.mark.parametrize("event", ["key.revoked", "key.made", "token.revoked", "sandbox.violation"])
def test_what_was_done_is_told_each_time(event: str) -> None:
    flood = Flood()
    for _ in range(100):
        flood.send(event, "203.0.113.7")
        flood.send("job.claimed", None, logger="backbone.worker")
    assert len(flood.lines) == 200


def test_events_are_logged_whatever_else_is_left_out() -> None:
    program = (
        "import logging\n"
        "from common.telemetry import set_up_logging\n"
        "from common.security_events import SecurityEvent, SecurityLog\n"
        "set_up_logging('ERROR')\n"
        "SecurityLog(lambda event: None).note(SecurityEvent.HOST_REFUSED, address='192.0.2.1')\n"
        "logging.getLogger('backbone.jobs').warning('job.left')\n"
    )
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    (line,) = said.splitlines()
    assert line.endswith("event=host.refused address=192.0.2.1")


async def test_a_flood_is_counted_whole(lines, api) -> None:
    for _ in range(40):
        await api.get("/api/v1/jobs", headers=BAD_KEY)
    assert await lines.count(SecurityEvent.LOGIN_FAILED) == 40


def test_the_page_lists_every_event_and_every_metric_that_there_is(root: Path) -> None:
    page = (root / "docs" / "monitoring.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_.]+)` \|", page, re.MULTILINE)
    assert {row for row in rows if "." in row} == {event.value for event in SecurityEvent}
    metrics = Metrics(lambda: JobCounts({}, 0.0))
    metrics.count("GET", "/", 200, 0.1)
    shown = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in text_string_to_metric_families(metrics.text().decode())
        if not family.name.endswith("_created")
    }
    assert {row for row in rows if row.startswith("backbone_")} == shown


def test_the_page_lists_every_alert(root: Path) -> None:
    page = (root / "docs" / "monitoring.md").read_text(encoding="utf-8")
    rules = yaml.safe_load((root / "deploy" / "prometheus" / "alerts.yml").read_text("utf-8"))
    names = {rule["alert"]: rule for group in rules["groups"] for rule in group["rules"]}
    listed = dict(re.findall(r"^\| `(Backbone\w+)` \|.*\| (\w+) \|$", page, re.MULTILINE))
    assert listed == {name: rule["labels"]["severity"] for name, rule in names.items()}
