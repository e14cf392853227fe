"""Whatever valid document is drawn, its project compiles, imports, migrates and has its schema."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from backbone.checkout import checkout_cache
from common.document.read import Reading
from tests.drawn.documents import valid
from workers.plan import make_plan
from workers.sandbox.sandbox import Sandbox, open_sandbox
from workers.stages.render import render
from workers.stages.verify import verify

DRAWN = settings(
    deadline=None,
    database=None,
    derandomize=True,
    print_blob=True,
    # To make a document smaller costs as much as to try many others
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox(checkout_cache()) as opened:
        yield opened


def prove(reading: Reading, level: str, sandbox: Sandbox) -> None:
    assert reading.resolved is not None
    assert reading.document is not None
    report = verify(
        render(make_plan(reading.resolved)), reading.document, level=level, sandbox=sandbox
    )
    wrong = [
        f"{check.name}: {check.reason}\n{check.details[:5]}\n{check.output[-3000:]}"
        for check in report.checks
        if check.outcome == "failed"
    ]
    assert not wrong, "\n".join([*wrong, json.dumps(reading.raw)])


@settings(DRAWN, max_examples=5)
@given(reading=valid())
def test_a_drawn_project_has_its_schema(reading: Reading, sandbox: Sandbox) -> None:
    prove(reading, "fast", sandbox)


@pytest.mark.long
@settings(DRAWN, max_examples=300, derandomize=False)
@given(reading=valid())
def test_many_drawn_projects_have_their_schema(reading: Reading, sandbox: Sandbox) -> None:
    prove(reading, "fast", sandbox)


@pytest.mark.long
@settings(DRAWN, max_examples=40, derandomize=False)
@given(reading=valid())
def test_drawn_projects_pass_every_check(reading: Reading, sandbox: Sandbox) -> None:
    prove(reading, "full", sandbox)
