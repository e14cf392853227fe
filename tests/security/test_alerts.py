"""The alerts are what promtool takes, fire when they should, and speak of metrics there are."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from common.llm import counters
from common.security_events import SecurityEvent, record
from tests.contract.conftest import MountedApi

FOLDER = Path(__file__).parents[2] / "deploy" / "prometheus"
SELECTOR = re.compile(r"(\b[a-z_]+)(?:\{([^}]*)\})?(?=[\[) ]|$)")
MATCHER = re.compile(r'(\w+)(=~?)"([^"]*)"')
# Prometheus' own words and its own metric
NOT_OURS = {"sum", "rate", "increase", "max", "min", "by", "and", "or", "absent", "up"}


@pytest.fixture(scope="module")
def rules() -> list[dict[str, Any]]:
    loaded = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))
    return [rule for group in loaded["groups"] for rule in group["rules"]]


def promtool(*arguments: str) -> str:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("no promtool: run `apt-get install prometheus`")
    ended = subprocess.run(
        [program, *arguments], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_promtool_takes_the_rules_and_the_configuration() -> None:
    assert "SUCCESS" in promtool("check", "rules", "alerts.yml")
    # The file with the token is laid into the container: only there can it be looked for.
    assert "SUCCESS" in promtool("check", "config", "--syntax-only", "prometheus.yml")
    configuration = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    assert configuration["rule_files"] == ["alerts.yml"]
    (job,) = configuration["scrape_configs"]
    assert job["job_name"] == "backbone"
    assert job["authorization"] == {"credentials_file": "/run/secrets/metrics_token"}


def test_every_alert_is_quiet_below_its_threshold_and_fires_above(rules) -> None:
    promtool("test", "rules", "alerts_test.yml")
    quiet, *loud = yaml.safe_load((FOLDER / "alerts_test.yml").read_text("utf-8"))["tests"]
    names = {rule["alert"] for rule in rules}
    assert {each["alertname"] for each in quiet["alert_rule_test"]} == names
    fired = {
        each["alertname"] for test in loud for each in test["alert_rule_test"] if each["exp_alerts"]
    }
    assert fired == names


@pytest.mark.parametrize(
    ("selector", "threshold"), [('status="401"', "5"), ('status="429"', "10"), ('=~"5.."', "0.1")]
)
def test_the_alerts_that_were_asked_for_are_there(rules, selector, threshold) -> None:
    (found,) = [rule["expr"] for rule in rules if selector in rule["expr"]]
    assert re.fullmatch(r"sum\(rate\(backbone_http_requests_total\{.*\}\[5m\]\)\) > \S+", found)
    assert found.endswith(f" {threshold}")


async def exposed(api: MountedApi) -> dict[str, dict[str, set[str]]]:
    """By metric, the values of each label that /metrics shows."""
    with api.engine.begin() as connection:
        record(connection, SecurityEvent.SANDBOX_VIOLATION)
        counted = [
            counters.Count(counters.ERRORS, "openai", "some", code, 1)
            for code in ("worker_lost", "llm_unavailable")
        ]
        counters.add(connection, counted)
    for headers in (api.good, {}):
        await api.get("/api/v1/jobs", headers=headers)
    text = (await api.client.get("/metrics")).text
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            for label, value in sample.labels.items():
                found[sample.name][label].add(value)
            found[sample.name]["instance"].add("")  # Prometheus' own
    return found


async def test_every_metric_and_label_of_the_alerts_is_exposed(api, rules) -> None:
    known = await exposed(api)
    looked_at = set()
    for rule in rules:
        for name, matchers in SELECTOR.findall(re.sub(r"by \([^)]*\)", "", rule["expr"])):
            if name in NOT_OURS:
                continue
            assert name in known, name
            looked_at.add(name)
            for label, operator, wanted in MATCHER.findall(matchers):
                if (label == "status" and operator == "=~") or wanted == "429":
                    assert label in known[name]
                    continue
                for value in wanted.split("|"):
                    assert value in known[name][label], (name, label, value)
        for labels in re.findall(r"by \(([^)]*)\)", rule["expr"]):
            for label in labels.split(", "):
                assert any(label in known[name] for name in looked_at), label
    assert len(looked_at) == 6


async def test_what_is_recorded_is_shown_and_never_falls(api) -> None:
    await exposed(api)
    text = (await api.client.get("/metrics")).text
    name = 'backbone_security_events_recorded_total{event="sandbox.violation"}'
    assert f"{name} 1.0" in text
    api.lose_database()
    text = (await api.client.get("/metrics")).text
    assert "backbone_security_events_recorded_total{" not in text
    assert 'backbone_security_events_total{event="login.failed"} 1.0' in text


def test_every_alert_leads_to_its_part_of_the_runbook(rules, root: Path) -> None:
    page = (root / "docs" / "incidents.md").read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in page.splitlines()
        if line.startswith("#")
    }
    for rule in rules:
        url, _, anchor = rule["annotations"]["runbook_url"].partition("#")
        assert url.endswith("/blob/main/docs/incidents.md")
        assert anchor in headings, rule["alert"]
        assert rule["labels"]["severity"] in {"warning", "critical"}
