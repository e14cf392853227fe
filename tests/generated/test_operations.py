"""Projects with operations, proven as a whole in the forms that the golden case does not have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backbone.checkout import checkout_cache
from common.document.limits import DocumentLimits
from workers.pipeline import Outcome, Progress, run_pipeline
from workers.sandbox.sandbox import Sandbox, open_sandbox

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "documents" / "operations.json"
ALL_TYPES = ROOT / "tests" / "generated" / "documents" / "operations.json"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox(checkout_cache()) as opened:
        yield opened


def run(raw: dict[str, Any], sandbox: Sandbox) -> Outcome:
    progress = Progress(lambda _stage: None, lambda _done, _total: None, lambda: False)
    outcome = run_pipeline(raw, limits=DocumentLimits(), sandbox=sandbox, progress=progress)
    failed = [check for check in outcome.report.checks if check.outcome != "passed"]
    assert failed == []
    return outcome


def test_plain_functions_behind_a_sign_in(sandbox: Sandbox) -> None:
    raw = json.loads(GOLDEN.read_bytes())
    raw["options"] |= {"database_api": "sync", "auth": "jwt"}
    descriptions = ["order(product) takes it", "This is worth it!", "iOS order", 'say "hi"']
    for operation, description in zip(raw["operations"], descriptions, strict=True):
        operation["description"] = description  # no style is asked of it
        if "body" in operation:
            plain = operation["body"].replace("await ", "").replace("async def", "def")
            operation["body"] = plain
    outcome = run(raw, sandbox)
    outcomes = [result.outcome for result in outcome.report.operations]
    assert outcomes == ["passes", "stub", "passes", "passes"]


def test_every_type_and_names_that_mean_something_else(sandbox: Sandbox) -> None:
    outcome = run(json.loads(ALL_TYPES.read_bytes()), sandbox)
    [result] = outcome.report.operations
    assert result.outcome == "passes"
    assert 'PATH = "/operations_/All"' in outcome.files["tests/operations/test_all.py"]
    assert "Decimal as DecimalModel" in outcome.files["app/operations/all.py"]


def test_operations_change_nothing_of_a_project_but_what_is_theirs(sandbox: Sandbox) -> None:
    raw = json.loads(GOLDEN.read_bytes()) | {"run": {"verify": "none"}}
    with_them = run(raw, sandbox).files
    without = run(raw | {"operations": []}, sandbox).files
    own = {path for path in with_them if path not in without}
    assert {path.rpartition("/")[0] for path in own} == {
        *("app/api/routes", "app/operations", "app/schemas", "tests/operations"),
    }
    changed = {path for path in without if with_them[path] != without[path]}
    assert changed == {
        *("README.md", "app/api/routers.py", "app/core/fields.py"),
        *("pyproject.toml", "tests/rows.py"),
    }
